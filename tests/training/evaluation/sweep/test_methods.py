"""What SPIN is compared with, from the command to the report, on drawn scenes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch

from core.config import GenerationConfig, ModelConfig, SpinConfig
from core.files.checkpoint import ModelFile, load_model
from core.model.interventions import ImageAmplification, ImageContrast, RandomHeads
from training.commands.measure_command import measure
from training.data.captions import load_captions
from training.evaluation.report_schema import AS_IN_CHAT
from training.evaluation.sweep import token_cost
from training.evaluation.sweep.dev_set import DevSet, choose_photos, describe, photo_features, read_photos
from training.evaluation.sweep.methods import comparison_methods, distortion_of
from training.evaluation.sweep.settings_grid import default_grid, named

BRIEF = GenerationConfig(max_tokens=6)
SETTINGS = named([SpinConfig(4), SpinConfig(4, 0.1), SpinConfig(2, first_layer=1)])


def silent(_done: int, _total: int) -> None:
    return None


@pytest.fixture(scope="module")
def file(talker: Path) -> ModelFile:
    return load_model(talker)


@pytest.fixture(scope="module")
def dev(file: ModelFile, scenes: Path) -> DevSet:
    images = choose_photos(load_captions(scenes, seed=0), "dev", limit=2, seed=0)
    pixels, device = read_photos(images, file.config.image_size), torch.device("cpu")
    seen, distorted = (
        photo_features(file, pixels, precision="float32", device=device, progress=silent, distortion=distortion)
        for distortion in (None, ImageContrast())
    )
    return DevSet(images, seen, distorted=distorted)


def test_each_number_of_heads_has_one_control_that_differs_by_the_choice_alone() -> None:
    methods = comparison_methods(ModelConfig(vocabulary_size=40).shape, SETTINGS)
    controls = [method for method in methods.values() if isinstance(method, RandomHeads)]
    assert controls == [RandomHeads(4), RandomHeads(2, first_layer=1)]
    assert list(methods)[:2] == ["random heads, K=4, alpha 0", "random heads, K=2, alpha 0, layers 1:"]
    assert sum(isinstance(method, ImageAmplification) for method in methods.values()) >= 2
    assert len({(m.noise_step, m.seed) for m in methods.values() if isinstance(m, ImageContrast)}) == 1
    assert distortion_of(methods) is not None
    assert distortion_of(SETTINGS) is None
    shape = ModelConfig(vocabulary_size=40).shape
    assert not set(comparison_methods(shape, default_grid(shape))) & set(default_grid(shape))


def test_a_distorted_photo_is_seen_otherwise_and_every_method_changes_some_caption(file: ModelFile, dev: DevSet) -> None:
    assert dev.distorted is not None
    assert (dev.distorted - dev.features).float().abs().mean() > 0.1 * dev.features.float().abs().mean()
    plain = describe(file, dev, None, BRIEF, silent)
    for method in (RandomHeads(1), ImageAmplification(3.0), ImageContrast(3.0)):
        assert describe(file, dev, method, BRIEF, silent) != plain


def test_the_cost_of_a_token_is_measured_for_every_setting(
    file: ModelFile, dev: DevSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_cost, "ROUNDS", 2)
    threads = torch.get_num_threads()
    reported: list[tuple[int, int]] = []
    costs = token_cost.ms_per_token(
        file, dev, {"off": None, "twice": ImageContrast()}, progress=lambda done, total: reported.append((done, total))
    )
    assert list(costs) == ["off", "twice"]
    assert min(costs.values()) > 0
    assert reported == [(1, 2), (2, 2)]
    assert torch.get_num_threads() == threads


def test_the_report_has_the_methods_beside_spin_with_what_a_token_costs(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_cost, "ROUNDS", 1)
    measure(scenes, tmp_path, model=talker, photos=2, keep="4", methods=True, measures="captions,probes")
    printed = capsys.readouterr().out
    assert "ms a token" in printed
    report = json.loads((tmp_path / "report.json").read_text())
    rows = {row["name"]: row for row in report["rows"]}
    assert list(rows)[:3] == ["SPIN off", "K=4, alpha 0", "random heads, K=4, alpha 0"]
    assert "ms_per_token" not in rows.pop(AS_IN_CHAT)
    assert [row["name"] for row in report["probes"]["rows"]] == list(rows) == list(report["recipe"]["settings"])
    assert all(row["ms_per_token"] > 0 for row in rows.values())
    assert rows["K=4, alpha 0"]["spin"]["keep"] == 4
    assert "method" not in rows["K=4, alpha 0"]
    assert "method" not in rows["SPIN off"]
    control = rows["random heads, K=4, alpha 0"]
    assert control["spin"] is None
    assert control["method"] == {"kind": "RandomHeads", **RandomHeads(4).to_dict()}
    assert report["calibrated"] in ("SPIN off", "K=4, alpha 0"), "only a setting of SPIN can become the model's default"
    with (tmp_path / "report.csv").open(newline="") as table:
        lines = {line["setting"]: line for line in csv.DictReader(table)}
    assert lines["PAI-like, gamma 0.5"]["gamma"] == "0.5"
    assert lines["VCD-like, strength 1"]["strength"] == "1.0"
    assert float(lines["SPIN off"]["ms_per_token"]) > 0
