"""A whole teaching with a tiny model: what it leaves, what it never touches, and how it ends early."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from core.errors import ConfigError, DataError, SpinVlmError
from core.files.checkpoint import load_model
from core.model.vlm import VisionLanguageModel
from tests.training.teaching.conftest import write_answers
from training.rehearsal.rehearsal_file import find_rehearsal, rehearsal_path
from training.run.events import Event
from training.teaching.mixing import PARTS
from training.teaching.report import Measured, TeachReport
from training.teaching.settings import TeachFolder, TeachSettings
from training.teaching.teach_run import teach


def settings(model: Path, data: Path, **changes: object) -> TeachSettings:
    usual = {"passes": 2, "photos_per_pass": 12, "batch_photos": 8, "rate": 3e-3, "forgetting": 0.0, "threads": 1}
    return TeachSettings(str(model), (str(data),), **{**usual, **changes})  # type: ignore[arg-type]


def test_a_teaching_leaves_a_new_model_and_what_changed(tmp_path: Path, rehearsing: Path, answers: Path) -> None:
    before, events = rehearsing.read_bytes(), list[Event]()
    result = teach(settings(rehearsing, answers), tmp_path / "run", listener=events.append)
    assert rehearsing.read_bytes() == before, "the model that it starts from is never written"
    folder = TeachFolder(tmp_path / "run")
    report = TeachReport.read(folder.report)
    assert report == result.report
    assert (report.held_out.photos, report.taught.photos, report.old.photos) == (2, 6, 3)
    assert {shown.taught for shown in report.shown} == {True, False}
    assert len(report.shown) == 8
    assert report.best_pass > 0, "at this rate something is learnt"
    assert report.part in PARTS
    taught, start = load_model(result.model), load_model(rehearsing)
    for name, weight in start.model.state_dict().items():
        same = torch.equal(weight.half(), taught.model.state_dict()[name].half())
        assert same or not name.startswith("encoder."), "the encoder stays"
    assert not torch.equal(
        start.model.decoder.layers[0].feed_forward[0].weight, taught.model.decoder.layers[0].feed_forward[0].weight  # type: ignore[index,union-attr]
    )
    assert taught.info.name == "run"
    assert find_rehearsal(taught) is not None, "so that it can be taught more"
    assert not folder.cache.exists()
    assert [event["event"] for event in events][-1] == "run_finished"
    with pytest.raises(SpinVlmError, match="already holds"):
        teach(settings(rehearsing, answers), tmp_path / "run")


def test_stopped_it_leaves_no_model_and_begins_again(tmp_path: Path, rehearsing: Path, answers: Path) -> None:
    wanted, seen = settings(rehearsing, answers), list[Event]()
    result = teach(
        wanted, tmp_path / "run", listener=seen.append, should_stop=lambda: any(event["event"] == "step" for event in seen)
    )
    folder = TeachFolder(tmp_path / "run")
    assert not result.finished
    assert not folder.report.exists()
    assert folder.settings() == wanted
    assert seen[-1]["event"] == "run_stopped"
    assert teach(folder.settings(), tmp_path / "run").finished


@pytest.mark.parametrize("what", ["no rehearsal", "few photos", "another encoder"])
def test_what_cannot_be_taught_is_said_in_a_sentence(
    tmp_path: Path, rehearsing: Path, untrained_model: Path, answers: Path, what: str
) -> None:
    events = list[Event]()
    wanted = settings(rehearsing, answers)
    if what == "no rehearsal":
        wanted = settings(untrained_model, answers)
    elif what == "few photos":
        wanted = settings(rehearsing, write_answers(tmp_path / "few", 3))
    else:
        other = tmp_path / "other.rehearsal.safetensors"
        shutil.copyfile(rehearsing, other)
        wanted = settings(rehearsing, answers, rehearsal=str(other))
    with pytest.raises(SpinVlmError) as caught:
        teach(wanted, tmp_path / "run", listener=events.append)
    named = {"no rehearsal": "spinvlm rehearsal", "few photos": "3 photos", "another encoder": "not a rehearsal file"}[what]
    assert named in str(caught.value)
    assert events[-1] == {**events[-1], "event": "run_failed", "message": str(caught.value)}
    assert isinstance(caught.value, DataError) or what != "few photos"
    assert isinstance(caught.value, ConfigError) or what != "no rehearsal"
    assert not rehearsal_path(TeachFolder(tmp_path / "run").best_model).exists()


@pytest.mark.parametrize("learns", ["last_layers", "low_rank"])
def test_fewer_weights_can_learn(tmp_path: Path, rehearsing: Path, answers: Path, learns: str) -> None:
    result = teach(settings(rehearsing, answers, learns=learns, rate=1e-2), tmp_path / "run")
    assert result.report is not None
    assert result.report.best_pass > 0
    start, taught = (load_model(path).model.state_dict() for path in (rehearsing, result.model))
    assert start.keys() == taught.keys()
    changed = {name for name in start if not torch.equal(start[name].half(), taught[name].half())}
    assert changed
    assert all(name.startswith("decoder.") for name in changed)
    assert all(name.endswith("weight") for name in changed) or learns != "low_rank"


def test_where_all_that_was_learnt_forgets_a_part_of_it_is_taken(
    tmp_path: Path, rehearsing: Path, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[float, VisionLanguageModel]] = []
    for name, forgetting in (("whole", 0), ("part", 2)):
        judged: list[Measured] = []

        def forgets(old: Measured, judged: list[Measured] = judged, forgetting: int = forgetting) -> bool:
            judged.append(old)
            return len(judged) <= forgetting

        monkeypatch.setattr("training.teaching.teach_run.has_forgotten", forgets)
        result = teach(settings(rehearsing, answers), tmp_path / name)
        assert result.report is not None
        assert len(judged) == forgetting + 1
        assert result.report.old == judged[-1], "what is shown is what the model that was taken says"
        found.append((result.report.part, load_model(result.model).model))
    (first, whole), (second, part) = found
    assert first != second
    start = load_model(rehearsing).model.state_dict()
    for name, weight in part.state_dict().items():
        expected = start[name] + second / first * (whole.state_dict()[name] - start[name])
        torch.testing.assert_close(weight, expected, atol=2e-3, rtol=2e-3)
    assert not torch.equal(part.decoder.norm.weight, whole.decoder.norm.weight)
