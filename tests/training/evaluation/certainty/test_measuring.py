"""From photos and a model file to a certainty in it, with the starter model on drawn photos."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from core.certainty import certainty_in
from core.errors import ConfigError
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import read_model_info
from training.commands.measure_command import measure
from training.data.captions import load_captions
from training.data.known_objects import read_known_objects
from training.evaluation.certainty.asked_photos import asked_photos
from training.evaluation.certainty_record import CAPTIONS, PEOPLE
from training.evaluation.report_schema import Report
from training.evaluation.sweep.dev_set import choose_photos


@pytest.fixture(scope="module")
def asked(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos with people's questions, of which the second can't be answered."""
    folder = tmp_path_factory.mktemp("asked") / "walks"
    (folder / "Images").mkdir(parents=True)
    lines: list[str] = []
    for number in range(10):
        name = f"asked{number}.png"
        shutil.copyfile(scenes / "Images" / "scene000.png", folder / "Images" / name)
        for question, answers in (("Is there a ball?", {"yes": 6, "no": 4}), ("What does the sign say?", {"stop": 9})):
            lines.append(json.dumps({"image": name, "question": question, "answers": answers}))
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_photos_of_two_folders_are_asked_about_and_each_question_is_judged_by_its_own_photo(scenes: Path, asked: Path) -> None:
    dataset, more = load_captions(scenes), load_captions(asked)
    images = choose_photos(dataset, "dev", limit=0, seed=0, captioned=True)
    known = read_known_objects(scenes)
    found = asked_photos(dataset, images, [more], known, split="dev", limit=0, seed=0)
    assert found.data == ("scenes", "walks")
    assert len(found.more_images) == 1
    assert [found.images[question.photo].name[:5] for question in found.questions if question.by_people] == ["asked"] * 2
    described = [question for question in found.questions if question.question == "Describe the image."]
    assert [question.photo for question in described] == list(range(len(images)))
    captions = [image.captions[0] for image in images]
    for question in described:
        right = [question.score(caption) for caption in captions]
        assert right[question.photo] == 1.0


def test_a_certainty_is_measured_and_kept_in_the_model_file_beside_what_was_there(
    scenes: Path, asked: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    shutil.copyfile(starter_model_path(), path)
    before = read_model_info(path).calibration or {}
    measure(scenes, tmp_path / "report", model=path, measures="certainty", questions=[asked], calibrate=True, device="cpu")
    after = read_model_info(path).calibration or {}
    assert {**after, "certainty": None} == {**before, "certainty": None}
    measured = certainty_in(after)
    assert measured is not None
    assert measured.data == ("scenes", "walks")
    report = Report.from_dict(json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8")))
    assert report.certainty is not None
    assert report.certainty.photos == 5
    assert (report.certainty.declined, measured.questions) == (1, report.certainty.questions - 1)
    people, captions = report.certainty.row(PEOPLE), report.certainty.row(CAPTIONS)
    assert people is not None
    assert captions is not None
    assert people.questions + captions.questions == measured.questions
    with (tmp_path / "report" / "certainty.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["questions_about"] for line in lines] == [row.name for row in report.certainty.rows]
    assert [line["right"] for line in lines] == [f"{row.right.value:.3f}" for row in report.certainty.rows]
    assert {line["sure_right"] == "" for line in lines if float(line["sure"]) == 0} <= {True}
    figures = report.certainty.declining
    assert figures is not None
    assert min(figures.unanswerable, figures.answerable) > 300
    assert 0 < figures.answered.value <= 100 - figures.declined.value
    assert figures.wrongly_declined.high < figures.declined.low
    assert f"Of {figures.unanswerable} questions that no photo answers" in report.verdict


def test_what_cannot_be_wanted_is_said(scenes: Path, asked: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--questions needs --measure people or certainty"):
        measure(scenes, tmp_path, measures="captions", questions=[asked])
    with pytest.raises(ConfigError, match="name their folder with --data"):
        measure(scenes, tmp_path, measures="people", questions=[asked])
    with pytest.raises(ConfigError, match="--calibrate needs"):
        measure(scenes, tmp_path, measures="probes", calibrate=True)
