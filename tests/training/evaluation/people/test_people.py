"""People's questions: what is asked about which photo, and what the figures say."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import DataError
from core.files.checkpoint import ModelFile, load_model
from tests.training.asked_photos import make_asked_photos
from training.commands.measure_command import measure
from training.data.captions import CaptionedImage
from training.data.qa_pair import QaPair
from training.evaluation.certainty.answering import GivenAnswer, Question
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.people import asking
from training.evaluation.people.asking import ask_people_questions, people_questions
from training.evaluation.people.measuring import measure_people
from training.evaluation.people.table import COLUMNS, people_rows
from training.evaluation.people_record import ALL, NUMBER, OTHER, YES_NO, PeopleRecord, people_record
from training.evaluation.report_schema import Report

SEEN = ("dog", "cat", "horse", "sheep", "cow")
"""What the model below sees in each photo."""
BLIND = "bird"


def answers_what_it_sees(
    file: ModelFile, features: torch.Tensor, questions: Sequence[Question], asked: Sequence[object], *, spin: object,
    progress: Any, photos_hidden: bool = False,
) -> list[GivenAnswer | None]:
    progress(len(questions), len(questions))
    said = [BLIND if photos_hidden else SEEN[question.photo] for question in questions]
    return [GivenAnswer("object", "", text, 0.0, 2) for text in said]


def photo(number: int, *pairs: tuple[str, dict[str, int]]) -> CaptionedImage:
    name = f"{number}.jpg"
    asked = tuple(QaPair(name, text, next(iter(answers)), "", tuple(answers.items())) for text, answers in pairs)
    return CaptionedImage(name, Path(name), (), "dev", questions=asked)


@pytest.fixture
def file(untrained_model: Path, monkeypatch: pytest.MonkeyPatch) -> ModelFile:
    monkeypatch.setattr(asking, "give_answers", answers_what_it_sees)
    return load_model(untrained_model)


def test_each_question_is_scored_with_its_photo_with_others_and_without_one(file: ModelFile) -> None:
    images = [photo(number, ("What animal is it?", {SEEN[number]: 2, "animal": 8})) for number in range(4)]
    images.append(photo(4, ("What animal is that?", {"horse": 10}), ("What is in the air?", {"birds": 6, "bird": 1})))
    done: list[tuple[int, int]] = []
    scores = ask_people_questions(
        file, torch.zeros(5, 1, 1), people_questions(images), spin=None, progress=lambda *at: done.append(at)
    )
    assert scores.own.tolist() == pytest.approx([2 / 3] * 4 + [0, 0])
    assert scores.others.tolist() == pytest.approx([0, 0, 0, 0, 1 / 4, 0]), "one photo of the four others shows a horse"
    assert scores.alone.tolist() == pytest.approx([0, 0, 0, 0, 0, 1 / 3])
    assert scores.other_photos == 4
    assert done[-1] == (36, 36)


def test_synonyms_and_plurals_count_beside_the_exact_answer(file: ModelFile) -> None:
    images = [photo(0, ("What is it?", {"dogs": 9})), photo(1, ("What is it?", {"kitten": 9}))]
    scores = ask_people_questions(file, torch.zeros(2, 1, 1), people_questions(images), spin=None, progress=lambda *_: None)
    assert scores.own.tolist() == [0, 0]
    assert scores.alike.tolist() == [1, 1]


def measured(file: ModelFile) -> PeopleRecord:
    images = [
        photo(number, ("What animal is it?", {SEEN[number]: 10}), ("Is it wild?", {"yes": 4, "no": 6}),
              ("How many are there?", {"2": 9}), ("What does the sign say?", {"stop": 3}))
        for number in range(5)
    ] * 4  # the photos are drawn by their places
    asked = AskedPhotos(("walks",), len(images), tuple(images), ())
    found = measure_people(file, torch.zeros(20, 1, 1), asked, spin=None, seed=0, progress=lambda *_: None)
    assert found is not None
    return found


def test_figures_by_what_people_answered_and_by_kind(file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SEEN", SEEN * 4)
    record = measured(file)
    assert (record.data, record.photos, record.questions, record.declined) == (("walks",), 20, 80, 20)
    rows = {row.name: row for row in record.rows}
    assert list(rows)[:4] == [ALL, YES_NO, NUMBER, OTHER]
    assert (rows[ALL].questions, rows[YES_NO].questions, rows[NUMBER].questions, rows[OTHER].questions) == (80, 20, 20, 40)
    assert {"object", "yes_no", "count", "text"} == set(list(rows)[4:])
    assert rows["object"].right.value == 100
    assert rows[OTHER].right.value == pytest.approx(50)
    assert rows[ALL].right.value == pytest.approx(25)
    assert rows["object"].gain.value == pytest.approx(rows["object"].right.value - rows["object"].another_photo.value)
    assert rows["object"].question_alone.value == 0
    assert people_record(json.loads(json.dumps(record.to_dict()))) == record
    cells = people_rows(record)
    assert {len(row) for row in cells} == {len(COLUMNS)}
    assert cells[1][0] == "answers: yes/no"


def test_one_photo_has_no_other(file: ModelFile) -> None:
    asked = AskedPhotos(("walks",), 1, (photo(0, ("What is it?", {"dog": 10})),), ())
    assert measure_people(file, torch.zeros(1, 1, 1), asked, spin=None, seed=0, progress=lambda *_: None) is None


def test_a_damaged_record_is_none() -> None:
    assert people_record({"rows": [1]}) is None


@pytest.fixture
def walks(tmp_path: Path) -> Path:
    return make_asked_photos(tmp_path / "walks")


def test_a_collection_without_captions_is_measured_by_its_questions(walks: Path, untrained_model: Path, tmp_path: Path) -> None:
    measure(walks, tmp_path / "report", model=untrained_model, measures="people", device="cpu")
    report = Report.from_dict(json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8")))
    assert report.questions is not None
    assert (report.questions.photos, report.questions.questions, report.questions.declined) == (2, 4, 2)
    assert report.rows == ()
    assert "4 questions that people asked about 2 photos" in report.verdict
    with (tmp_path / "report" / "people.csv").open(newline="") as file:
        lines = {line["questions_about"]: line for line in csv.DictReader(file)}
    assert list(lines) == [row.name for row in report.questions.rows]
    whole = report.questions.row(ALL)
    assert whole is not None
    assert lines[ALL]["questions"] == "4"
    for name in ("right", "another_photo", "question_alone", "gain", "alike"):
        score = getattr(whole, name)
        ends = [lines[ALL][f"{name}{end}"] for end in ("", "_low", "_high")]
        assert ends == [f"{number:.3f}" for number in (score.value, score.low, score.high)]


def test_photos_without_such_questions_are_refused(scenes: Path, untrained_model: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="several people answered"):
        measure(scenes, tmp_path / "report", model=untrained_model, measures="people", device="cpu")
