"""`spinvlm rehearsal` and `spinvlm teach`, one after the other, and what they refuse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from core.errors import ConfigError, SpinVlmError
from tests.training.teaching.conftest import write_answers
from training.commands.teach_command import rehearsal, teach, with_teach_setting
from training.teaching.report import TeachReport
from training.teaching.settings import TeachFolder, TeachSettings

app = typer.Typer()
app.command()(teach)
app.command()(rehearsal)


def run(*arguments: object) -> str:
    """What is printed. Raises what the command raises."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_model_gets_its_rehearsal_and_is_taught(tmp_path: Path, untrained_model: Path, scenes: Path) -> None:
    model, mine = tmp_path / "model.safetensors", write_answers(tmp_path / "mine", 6)
    shutil.copyfile(untrained_model, model)
    said = run("rehearsal", "--model", model, "--data", scenes, "--learnt", 4, "--others", 2, "--directions", 6)
    assert "4 training photos and 2 dev photos of scenes" in said
    assert (tmp_path / "model.rehearsal.safetensors").is_file()
    few = ["--set", "passes=1", "--set", "photos_per_pass=6", "--set", "threads=1"]
    out = tmp_path / "taught"
    lines = run("teach", "--model", model, "--data", mine, "--out", out, "--json", *few).splitlines()
    events = [json.loads(line) for line in lines]
    assert events[0]["event"] == "preparing"
    assert events[-1]["event"] == "run_finished"
    report = TeachReport.read(out / "report.json")
    assert (report.taught.photos, report.held_out.photos) == (4, 2)
    assert (out / "card.md").read_text(encoding="utf-8").startswith("# Model card: taught")
    (out / "report.json").unlink()
    printed = run("teach", "--out", out, "--again")
    assert "stays in use" in printed
    assert TeachReport.read(out / "report.json").held_out == report.held_out, "the same again comes to the same"


def test_settings_that_do_not_exist_or_fit_are_named() -> None:
    settings = TeachSettings("m", ("d",))
    assert with_teach_setting(settings, "rate=1e-5").rate == 1e-5
    assert with_teach_setting(settings, "learns=low_rank").learns == "low_rank"
    for wrong, named in (
        ("rate", "NAME=VALUE"), ("speed=3", "speed"), ("rate=-1", "rate"), ("learns=all", "learns"), ("rate=x", "rate"),
        ("held_out=0.9", "held_out"), ("passes=x", "passes"), ("max_photos=1", "max_photos"),
    ):
        with pytest.raises(ConfigError, match=named):
            with_teach_setting(settings, wrong)


def test_what_cannot_be_is_refused_before_torch_is_loaded(tmp_path: Path) -> None:
    for arguments, named in (
        (["teach", "--out", tmp_path / "a"], "--data is missing"),
        (["teach", "--out", tmp_path / "a", "--again", "--set", "rate=1"], "--again"),
        (["teach", "--out", tmp_path / "a", "--again"], "can't be read"),
    ):
        with pytest.raises(SpinVlmError, match=named):
            run(*arguments)
    training = tmp_path / "training"
    training.mkdir()
    (training / "config.json").write_text('{"data": "photos", "warm_up": {"epochs": 3}}')
    with pytest.raises(SpinVlmError, match="can't be read"):
        TeachFolder(training).keep_settings(TeachSettings("m", ("d",)))
    assert "warm_up" in (training / "config.json").read_text(), "another run's settings aren't written over"
