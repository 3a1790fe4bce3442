"""Measuring a pretrained model: captions and probes through the common interface, as many photos as time allows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.answers import AnswerRequest
from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.commands.command_line import app
from tests.spinvlm_desktop.pretrained_folders import saved
from tests.training.conftest import make_dataset
from training.commands import measure_pretrained
from training.data.captions import load_captions
from training.evaluation.measurement import Plan, measure_model
from training.evaluation.report.report_files import write_report
from training.evaluation.sweep import subject as subjects
from training.evaluation.sweep.settings_grid import pretrained_grid
from training.evaluation.sweep.subject import PretrainedSubject, open_subject
from training.questions.vqa_pairs import CAPTION_QUESTION

SETTINGS = {"SPIN off": None, "K=2": SpinConfig(keep=2, score="logits")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved("smolvlm", tmp_path_factory)


@pytest.fixture(scope="module")
def marked_scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With boxes, so that pointing could be measured."""
    return make_dataset(tmp_path_factory.mktemp("marked") / "scenes", photos=8, marked=True)


@pytest.fixture(scope="module")
def subject(folder: Path) -> PretrainedSubject:
    return open_subject(folder, device="cpu")


def silent(*_: object) -> None:
    pass


def test_its_captions_and_probe_answers_are_those_that_it_gives_when_it_is_asked(
    subject: PretrainedSubject, scenes: Path, tmp_path: Path
) -> None:
    plan = Plan(load_captions(scenes), SETTINGS, ("captions", "probes"), photos=2)
    report = measure_model(subject, plan, tmp_path, on_progress=silent)
    write_report(report, tmp_path, model="smolvlm")
    captions = json.loads((tmp_path / "captions.json").read_text("utf-8"))["settings"]
    photos = json.loads((tmp_path / "photos.json").read_text("utf-8"))["photos"]
    for name, spin in SETTINGS.items():
        asked = AnswerRequest(
            Path(photos[0]["path"]), CAPTION_QUESTION, spin=spin, generation=GenerationConfig(), free_form=True
        )
        assert captions[name][0] == subject.model.answer(asked).text.strip()
    assert captions["SPIN off"] != captions["K=2"]
    assert report.recipe["layers"] == 3
    assert report.recipe["heads"] == 8
    assert report.probes is not None
    assert len(report.probes.rows) == 2
    assert (tmp_path / "report.json").is_file()


def test_what_was_answered_is_not_asked_again(
    subject: PretrainedSubject, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Plan(load_captions(scenes), SETTINGS, ("captions",), photos=2)
    first = measure_model(subject, plan, tmp_path, on_progress=silent)
    mute = replace(subject, model=None)  # type: ignore[arg-type]  # it would fail if it were asked
    again = measure_model(mute, plan, tmp_path, on_progress=silent)
    assert again.to_dict()["rows"] == first.to_dict()["rows"]


def test_the_authors_settings_are_ranked_as_they_rank(subject: PretrainedSubject) -> None:
    found = [spin for spin in pretrained_grid(subject.shape).values() if spin is not None]
    assert found
    assert {spin.score for spin in found if isinstance(spin, SpinConfig)} == {"logits"}


def test_as_many_photos_as_fit_half_an_hour_are_proposed_and_the_time_is_said_before(
    subject: PretrainedSubject, scenes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = replace(subject, seconds_to_read=200.0)
    dataset = load_captions(scenes)
    each = slow.seconds_a_photo(settings=2, captions=True, probes=False)
    assert each == pytest.approx(400, rel=0.1)
    fitting = measure_pretrained.photos_that_fit(slow, dataset, "train", settings=2, measures=("captions",))
    assert fitting == int(subjects.BUDGET_S / each)
    assert f"{fitting} of 12 photos are measured" in " ".join(capsys.readouterr().err.split())
    assert measure_pretrained.photos_that_fit(subject, dataset, "dev", settings=1, measures=("captions",)) == 0


@pytest.mark.parametrize(("options", "message"), [
    (["--measure", "pointing"], "captions and probes are measured, not pointing"),
    (["--methods"], "--methods takes a model file"),
    (["--calibrate"], "--calibrate writes into a model file"),
])
def test_what_cannot_be_measured_is_refused_before_the_model_is_loaded(
    folder: Path, marked_scenes: Path, tmp_path: Path, options: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "open_subject", lambda *_, **__: pytest.fail("it was loaded"))
    done = CliRunner().invoke(
        app, ["measure", "--data", str(marked_scenes), "--model", str(folder), "--out", str(tmp_path / "out"), *options]
    )
    assert done.exit_code != 0
    assert message in str(done.exception)
