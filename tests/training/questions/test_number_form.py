"""Numbers that people typed become those that captions have."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.text.question_kinds.answer_form import answer_form
from core.text.question_kinds.understanding import understand_question
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.qa_pair import QaPair
from training.evaluation.certainty.judging import RightAnswers
from training.questions.number_form import number_in_words, with_number_words
from training.questions.vqa_pairs import build_pairs

COUNTED = QaPair("a.jpg", "How many dogs are there?", "2", "how many", (("2", 4), ("two", 3), ("3", 2), ("14", 1)))


@pytest.mark.parametrize(("typed", "learnt"), [
    ("2", "two"), ("0", "zero"), ("None", "zero"), ("12", "twelve"), ("5.", "five"), ("13", "13"), ("two", "two"),
    ("2 dogs", "2 dogs"), ("many", "many"),
])
def test_small_numbers_become_words(typed: str, learnt: str) -> None:
    assert number_in_words(typed) == learnt


def test_people_who_gave_one_number_in_two_forms_are_counted_together() -> None:
    found = with_number_words(COUNTED)
    assert found.answer == "two"
    assert dict(found.answers) == {"two": 7, "three": 2, "14": 1}


def test_a_number_that_is_read_and_not_counted_stays_as_it_was_typed() -> None:
    shirt = QaPair("a.jpg", "What number is on the shirt?", "7", "what number is", (("7", 10),))
    assert with_number_words(shirt) is shirt


def test_pairs_of_a_collection_have_number_words() -> None:
    image = CaptionedImage("a.jpg", Path("a.jpg"), (), "train", questions=(COUNTED,))
    pairs = build_pairs(CaptionDataset(Path("data"), "invented", (image,), None), "train")
    (pair,) = (each for each in pairs if each.kind != "caption")
    assert pair.answer == "two"


@pytest.mark.parametrize("said", ["four", "4"])
def test_whatever_is_learnt_may_be_answered_and_is_scored_alike(said: str) -> None:
    assert said in answer_form(understand_question("How many cars do you see?")).answers
    assert RightAnswers((("4", 3), ("5", 7)), by_people=True).score(said) == 1.0
    assert RightAnswers((("four", 1), ("5", 9)), by_people=True).score(said) == pytest.approx(1 / 3)


def test_none_is_zero_where_people_are_scored() -> None:
    assert RightAnswers((("none", 2), ("0", 1)), by_people=True).score("zero") == 1.0
