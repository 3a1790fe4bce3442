"""From generated scenes to a measured model, as a user goes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinvlm_desktop.commands.command_line import main
from training.data.known_objects import read_known_objects
from training.loop.training_run import run_training
from training.run.training_config import StageConfig, TrainingConfig


def test_scenes_are_made_trained_on_and_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*arguments: str | Path) -> str:
        monkeypatch.setattr("sys.argv", ["spinvlm", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return capsys.readouterr().out

    data, run, report = tmp_path / "scenes", tmp_path / "run", tmp_path / "report"
    assert "40 scenes" in command("scenes", "make", "--out", data, "--photos", "40")
    assert "40 already existed" in command("scenes", "make", "--out", data, "--photos", "40")
    assert "ready-made questions" in command("check", "--data", data)
    assert "[relation] Is the" in command("pairs", "--data", data, "--kind", "relation", "--sample", "2")
    config = TrainingConfig(
        data=str(data), encoder="random", encoder_name="test_vit", image_size=64, vocabulary_size=320, width=32, layers=1,
        heads=4, threads=1, captions_per_photo=1, derived_per_photo=4, precision="float32", device="cpu", augment=False,
        warm_up=StageConfig(epochs=1, batch_photos=10), fine_tune=StageConfig(epochs=1, encoder_rate=1e-4, batch_photos=10),
    )
    assert run_training(config, run).finished
    answers = json.loads((run / "report.json").read_text(encoding="utf-8"))["answers"]
    assert set(answers["SPIN off"]) == {"colour", "count", "presence", "relation", "what", "where"}
    assert answers["chance"]["presence"]["exact"] == pytest.approx(50, abs=5)
    model = run / "best.safetensors"
    options = ("--spin", "off", "--photos", "4", "--measure", "captions,probes")
    command("measure", "--data", data, "--model", model, "--out", report, *options)
    measured = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert measured["humans"]["chair_i"] == 0
    truth = read_known_objects(data).present
    probes = json.loads((report / "probes.json").read_text(encoding="utf-8"))["questions"]
    assert probes
    assert all((probe["object"] in truth[probe["photo"]]) == (probe["answer"] == "yes") for probe in probes)
    assert command("ask", "--image", next((data / "Images").iterdir()), "--model", model, "--prompt", "Is there a ring?")
