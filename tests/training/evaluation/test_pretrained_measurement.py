"""Measuring a pretrained model: captions and probes through the common interface, as many photos as time allows."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from core.answers import AnswerRequest
from core.config import GenerationConfig, SpinConfig
from core.pretrained import reading
from core.pretrained.library import transformers
from core.pretrained.loading.load import load_pretrained
from core.pretrained.session import PretrainedSession
from spinvlm_desktop.commands.command_line import app
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.pretrained_folders import saved
from tests.training.asked_photos import make_asked_photos
from tests.training.conftest import make_dataset
from training.commands import measure_pretrained
from training.data.captions import load_captions
from training.data.entities import read_boxes
from training.evaluation.measurement import Plan, measure_model
from training.evaluation.people_record import ALL
from training.evaluation.photo_costs import BUDGET_S, SWEPT_SETTINGS
from training.evaluation.pointing.pointing_words import places_inside, read_marked_captions
from training.evaluation.report.report_files import write_report
from training.evaluation.report_schema import Report
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


@pytest.fixture
def own_choices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program keeps its files in a folder of the test's own."""
    monkeypatch.setenv("SPINVLM_HOME", str(tmp_path / "home"))
    return paths.compute_choices_file()


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


def test_a_photo_is_looked_at_once_and_a_question_read_once_for_all_settings(
    subject: PretrainedSubject, folder: Path, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, read, own = list[int](), list[tuple[int, ...]](), reading.read_prompt
    model = load_pretrained(folder, device="cpu")
    subject = replace(subject, model=PretrainedSession(model))  # one that has seen no photo yet
    tower = model.parts.loaded.model.model.vision_model
    watch = tower.register_forward_hook(lambda *_: looked.append(0))
    monkeypatch.setattr(
        reading, "read_prompt", lambda loaded, ids, *rest, **named: (read.append(ids), own(loaded, ids, *rest, **named))[1]
    )
    plan = Plan(load_captions(scenes), SETTINGS, ("captions", "probes"), photos=2)
    measure_model(subject, plan, tmp_path, on_progress=silent)
    watch.remove()
    probes = json.loads((tmp_path / "probes.json").read_text("utf-8"))["questions"]
    questions = len({(probe["photo"], probe["question"]) for probe in probes})
    # Photos stay remembered from the probes to the captions; each probe is asked of its photo and of another one.
    assert len(looked) == 2
    assert len(read) == 2 * questions + 2


def test_the_heads_of_a_pretrained_model_point_as_often_as_its_own_maps_say(
    subject: PretrainedSubject, folder: Path, marked_scenes: Path, tmp_path: Path
) -> None:
    tokenizer = transformers().AutoTokenizer.from_pretrained(folder)
    dataset = load_captions(marked_scenes)
    report = measure_model(subject, Plan(dataset, {"SPIN off": None}, ("pointing",)), tmp_path, on_progress=silent)
    pointing = report.pointing
    assert pointing is not None
    assert dataset.entities is not None
    hits: list[float] = []
    for image in dataset.split("dev"):
        photo, boxes = AnswerRequest(image.path, CAPTION_QUESTION), read_boxes(dataset.entities, image.name)["1"]
        for caption in read_marked_captions(image, dataset.entities):
            (place,) = caption.nouns
            said = caption.text[:1].upper() + caption.text[1:]
            layout, (word,) = subject.model.word_maps(photo, said, [place])
            ids = tokenizer(said[:place].rstrip(), add_special_tokens=False)["input_ids"]
            again = subject.model.head_maps(photo, [*ids, 0], index=len(ids))
            assert np.allclose(word.maps, again, atol=1e-3)
            best = again.astype(np.float32).argmax(-1)  # [L, H]; its cells are the photo's places
            hits.append(100 * float(places_inside(boxes, layout.places)[best].mean()))
    assert pointing.words == len(hits) == 4
    assert pointing.groups["all_heads"]["hit"].value == pytest.approx(np.mean(hits))
    assert 0 < pointing.chance["mass"] <= 50
    kept, suppressed = (pointing.groups[name]["mass"].value for name in ("kept", "suppressed"))
    assert (kept + suppressed) / 2 == pytest.approx(pointing.groups["all_heads"]["mass"].value)


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
    assert len(pretrained_grid(subject.shape)) <= SWEPT_SETTINGS
    assert {spin.score for spin in found if isinstance(spin, SpinConfig)} == {"logits"}


def test_as_many_photos_as_fit_half_an_hour_are_proposed_and_the_time_is_said_before(
    subject: PretrainedSubject, scenes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = replace(subject, seconds_to_read=200.0)
    dataset = load_captions(scenes)
    each = slow.costs(settings=2).captions
    assert each == pytest.approx(200, rel=0.1), "a question is read once for all settings"
    fitting = measure_pretrained.photos_that_fit(slow, Plan(dataset, SETTINGS, ("captions",), split="train"))
    assert fitting == int(BUDGET_S / each)
    assert f"{fitting} of 12 photos are measured" in " ".join(capsys.readouterr().err.split())
    assert measure_pretrained.photos_that_fit(subject, Plan(dataset, {"SPIN off": None}, ("captions",))) == 0


def test_the_time_of_peoples_questions_follows_from_how_many_there_are(
    subject: PretrainedSubject, scenes: Path, tmp_path: Path
) -> None:
    slow = replace(subject, seconds_to_read=20.0)
    costs, walks = slow.costs(settings=2), load_captions(make_asked_photos(tmp_path / "walks", photos=50))
    assert costs.people_question == pytest.approx(120, rel=0.1), "its photo, four others, and a blank one"
    plan = Plan(load_captions(scenes), SETTINGS, ("captions", "people"), split="train", more_data=(walks,))
    fitting = measure_pretrained.photos_that_fit(slow, plan)
    assert fitting == int(BUDGET_S / (costs.captions + 2 * costs.people_question))
    alone = Plan(walks, SETTINGS, ("people",))
    assert measure_pretrained.photos_that_fit(slow, alone) == 0, "5 photos with two questions take 20 minutes"


@pytest.mark.parametrize(("options", "message"), [
    (["--measure", "certainty"], "captions, probes, pointing and people are measured, not certainty"),
    (["--measure", "captions,certainty"], "captions, probes, pointing and people are measured, not certainty"),
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


def test_people_are_asked_where_nobody_says_what_to_measure(
    own_choices: Path, folder: Path, scenes: Path, tmp_path: Path
) -> None:
    walks = make_asked_photos(tmp_path / "walks")
    options = ["--questions", str(walks), "--spin", "off", "--photos", "2", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["measure", "--data", str(scenes), "--model", str(folder), *options])
    assert done.exit_code == 0, done.exception
    report = Report.from_dict(json.loads((tmp_path / "out" / "report.json").read_text("utf-8")))
    assert report.questions is not None
    assert (report.questions.data, report.questions.photos, report.questions.questions) == (("scenes", "walks"), 2, 4)
    assert [row.name for row in report.questions.rows] == [ALL]
    assert "4 questions that people asked about 2 photos" in " ".join(done.output.split())
    assert (tmp_path / "out" / "people.csv").is_file()


def test_a_downloaded_model_is_measured_by_its_name_and_its_pace_is_remembered(
    own_choices: Path, folder: Path, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    shutil.copytree(folder, tmp_path / "cache" / "models--org--tiny" / "snapshots" / ("0123456789" * 4))
    options = ["--measure", "captions", "--spin", "off", "--photos", "1", "--out", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(app, ["measure", "--data", str(scenes), "--model", "org/tiny", *options])
    assert done.exit_code == 0, done.exception
    assert json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["recipe"]["layers"] == 3
    assert own_choices.is_file()
    unknown = CliRunner().invoke(app, ["measure", "--data", str(scenes), "--model", "org/other", *options])
    assert unknown.exit_code != 0
    assert "org/other" in str(unknown.exception)
