"""The sweep over settings of head suppression, with the real starter model on drawn photos."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from core.errors import ConfigError, DataError
from training.evaluation.command import evaluate
from training.evaluation.spin_sweep import SweepRow, calibrate, sweep_settings


def row(name: str, *, cider: float, recall: float, chair_i: float, surely: bool = True) -> SweepRow:
    return cast("SweepRow", SimpleNamespace(
        name=name, captions=SimpleNamespace(cider_d=cider), chair=SimpleNamespace(recall=recall, chair_i=chair_i),
        gain=SimpleNamespace(low=1.0 if surely else -1.0),
    ))


def test_the_best_setting_invents_least_and_costs_no_more_than_a_hundredth() -> None:
    baseline = row("SPIN off", cider=30, recall=60, chair_i=20)
    costly = row("K=2", cider=25, recall=60, chair_i=5)
    deaf = row("K=4", cider=31, recall=50, chair_i=6)
    fair = row("K=6", cider=29.8, recall=59.5, chair_i=15)
    assert calibrate([baseline, costly, deaf, fair]).name == "K=6"
    luck = row("K=7", cider=30, recall=60, chair_i=10, surely=False)
    assert calibrate([baseline, costly, deaf, luck]).name == "SPIN off"


def test_every_setting_fits_the_model() -> None:
    for heads in (1, 4, 8):
        settings = sweep_settings(heads)
        assert next(iter(settings)) == "SPIN off"
        assert all(spin is None or spin.heads_kept(heads) >= 1 for spin in settings.values())


def test_a_sweep_is_reported_and_goes_on_where_it_was(scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report"
    evaluate(scenes, out, photos=2)
    assert "SPIN off" in capsys.readouterr().out
    report = json.loads((out / "report.json").read_text())
    assert len(report["rows"]) == len(sweep_settings(8))
    for found in report["rows"]:
        assert found["intervals"]["cider_d"]["low"] <= found["captions"]["cider_d"] <= found["intervals"]["cider_d"]["high"]
    with (out / "report.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["setting"] for line in lines][-2:] == ["people", "another photo's caption"]

    kept = json.loads((out / "captions.json").read_text())
    kept["captions"]["SPIN off"] = ["kept"] * 2
    (out / "captions.json").write_text(json.dumps(kept))
    evaluate(scenes, out, photos=2, json_lines=True)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not [line for line in told if line["what"].startswith("describing")], "nothing is described twice"
    assert json.loads((out / "report.json").read_text())["rows"][0]["captions"]["mean_words"] == 1


def test_what_cannot_be_measured_is_a_sentence(scenes: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no photo with a caption in its test split"):
        evaluate(scenes, tmp_path, split="test")
    with pytest.raises(ConfigError, match="sweep or off"):
        evaluate(scenes, tmp_path, spin="half")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be written"):
        evaluate(scenes, tmp_path / "file" / "report", photos=1)
