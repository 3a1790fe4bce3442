"""The table of models, and how long they would take on a computer."""

from __future__ import annotations

import pytest
import torch

from core.compute_device import multiplies_bfloat16
from core.pretrained.hub import machine_trial
from core.pretrained.hub.answer_time import MachineSpeed, expected_seconds
from core.pretrained.hub.hub_plan import check_name
from core.pretrained.hub.machine_trial import measure_machine
from core.pretrained.hub.recommended_models import RECOMMENDED, smallest_sensible


def test_the_table_is_complete() -> None:
    assert len({model.repository for model in RECOMMENDED}) == len(RECOMMENDED) >= 8
    for model in RECOMMENDED:
        check_name(model.repository)
        assert model.download_bytes > 1.9 * model.parameters
        assert model.memory_bytes() > model.download_bytes * 0.9
        assert 0 < model.vision_parameters < model.parameters
        assert model.licence
        assert model.good_for


def test_the_smallest_that_fits_is_proposed() -> None:
    found = smallest_sensible(8_000_000_000)
    assert found is not None
    assert found.repository == "HuggingFaceTB/SmolVLM-256M-Instruct"
    assert smallest_sensible(100_000_000) is None
    assert smallest_sensible(1_500_000_000, weight_bytes=2) == found
    assert smallest_sensible(1_500_000_000, weight_bytes=4) is None


def test_a_faster_computer_takes_less_time_and_a_larger_model_more() -> None:
    slow, fast = MachineSpeed(3e10, 2.5e9), MachineSpeed(3e11, 1e10)
    small, large = RECOMMENDED[0], RECOMMENDED[-1]
    assert expected_seconds(small, fast) < expected_seconds(small, slow) < expected_seconds(large, slow)
    assert 2 < expected_seconds(small, slow) < 15


def test_this_computers_speed_is_measured() -> None:
    machine = measure_machine(repeats=1)
    assert machine.multiplications > machine.weights > 1e6
    assert machine.weight_bytes == (2 if multiplies_bfloat16(torch.device("cpu")) else 4)


@pytest.mark.parametrize("helps", [False, True])
def test_bfloat16_is_measured_only_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch, helps: bool) -> None:
    tried: list[torch.dtype] = []

    def measured(dtype: torch.dtype, repeats: int) -> MachineSpeed:
        tried.append(dtype)
        return MachineSpeed(1e9 / dtype.itemsize, 4e8 / dtype.itemsize, dtype.itemsize)

    monkeypatch.setattr(machine_trial, "multiplies_bfloat16", lambda _device: helps)
    monkeypatch.setattr(machine_trial, "_measure", measured)
    machine = measure_machine()
    assert tried == [torch.float32, *([torch.bfloat16] if helps else [])]
    assert machine == MachineSpeed(*((5e8, 2e8, 2) if helps else (2.5e8, 1e8, 4)))
