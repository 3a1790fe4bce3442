"""Between the model before and the one that was taught: what a part of the way is, and which part is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.files.checkpoint import load_model
from training.rehearsal.rehearsal_file import encoder_hash
from training.teaching.mixing import PARTS, choose_part, mix


@pytest.mark.parametrize("part", [0.0, 0.25, 0.75, 1.0])
def test_a_part_of_the_way_is_between_both_and_touches_neither(untrained_model: Path, part: float) -> None:
    before, after = load_model(untrained_model).model, load_model(untrained_model).model
    torch.manual_seed(4)
    for model in (before, after):
        next(model.encoder.parameters()).view(-1)[3] = -0.0
    for name, weight in after.named_parameters():
        if not name.startswith("encoder."):
            weight.add_(torch.randn_like(weight))
    known, learnt = ({name: weight.clone() for name, weight in model.state_dict().items()} for model in (before, after))
    mixed = mix(before, after, part)
    for name, weight in mixed.state_dict().items():
        torch.testing.assert_close(weight, known[name] + part * (learnt[name] - known[name]))
    assert all(torch.equal(weight, known[name]) for name, weight in before.state_dict().items())
    assert all(torch.equal(weight, learnt[name]) for name, weight in after.state_dict().items())
    assert encoder_hash(mixed.encoder) == encoder_hash(before.encoder), "to the bit: its rehearsal file is found by that"
    assert mixed.config == before.config
    assert not mixed.training


@pytest.mark.parametrize(("losses", "forgetting", "chosen", "asked"), [
    ((2.0, 2.1, 2.4, 2.8), (), 1.0, [1.0]),
    ((2.3, 2.1, 2.4, 2.8), (), 0.75, [0.75]),
    ((2.0, 2.1, 2.4, 2.8), (1.0, 0.75), 0.5, [1.0, 0.75, 0.5]),
    ((2.9, 2.1, 2.4, 2.8), (0.75,), 0.5, [0.75, 0.5]),
    ((2.0, 2.9, 2.4, 2.8), (1.0, 0.5), 0.25, [1.0, 0.5, 0.25]),
    ((2.0, 2.1, 2.4, 2.8), PARTS, 0.25, [1.0, 0.75, 0.5, 0.25]),
    ((2.0, 2.9, 2.4, 2.3), PARTS, 0.25, [1.0, 0.25, 0.5, 0.75]),
])
def test_the_best_part_that_forgets_nothing_is_taken(
    losses: tuple[float, ...], forgetting: tuple[float, ...], chosen: float, asked: list[float]
) -> None:
    tried: list[float] = []

    def forgets(part: float) -> bool:
        tried.append(part)
        return part in forgetting

    assert choose_part(PARTS, loss_of=dict(zip(PARTS, losses, strict=True)).__getitem__, forgets=forgets) == chosen
    assert tried == asked, "no part is asked about that needn't be"
