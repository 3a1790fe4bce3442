"""What counts as a right answer."""

from __future__ import annotations

import pytest

from training.evaluation.certainty.judging import RightAnswers, stems


@pytest.mark.parametrize(("answer", "score"), [
    ("red", 1.0), ("Red.", 1.0), ("dark red", 2 / 3), ("maroon", 1 / 3), ("a maroon", 1 / 3), ("blue", 0.0), ("", 0.0),
])
def test_people_are_scored_as_vqa_scores_them(answer: str, score: float) -> None:
    right = RightAnswers((("red", 7), ("dark red", 2), ("maroon", 1)), by_people=True)
    assert right.score(answer) == pytest.approx(score)


def test_where_people_name_a_place_its_preposition_and_its_number_make_no_difference() -> None:
    right = RightAnswers((("snow", 4), ("mountain", 2), ("mountains", 1)), by_people=True)
    assert [right.score(answer) for answer in ("in the snow", "on a mountain", "on the")] == [1.0, 1.0, 0.0]


def test_numbers_and_spellings_make_no_difference() -> None:
    assert RightAnswers((("2", 8),), by_people=True).score("two") == 1
    assert RightAnswers((("grey and white", 1),)).score("gray and white") == 1
    assert RightAnswers((("two", 1),)).score("three") == 0


@pytest.mark.parametrize(("answer", "right"), [
    ("on the beach", True), ("on a sandy beach", True), ("beach near the water", True), ("on the beach in the snow", False),
    ("in a field", False), ("near the water", False), ("on the", False),
])
def test_an_open_answer_shares_the_thing_and_says_nothing_that_no_caption_says(answer: str, right: bool) -> None:
    said = frozenset(stems(["two", "dogs", "run", "along", "sandy", "beach", "water"]))
    found = RightAnswers((("on a beach", 1),), is_open=True, said=said)
    assert found.score(answer) == float(right)


def test_a_closed_answer_must_be_one_that_was_given() -> None:
    assert RightAnswers((("red", 1), ("orange", 1)), said=frozenset({"blue"})).score("blue") == 0
    assert RightAnswers((("red", 1), ("orange", 1))).score("orange") == 1
