"""Either-or questions in the open form that the model has learnt."""

from __future__ import annotations

import pytest

from core.text.question_kinds.understanding import understand_question


@pytest.mark.parametrize(("typed", "asked", "choices"), [
    ("Is the car red or blue?", "What color is the car?", ("red", "blue")),
    ("are his shoes white or black in the photo", "What color are his shoes?", ("white", "black")),
    ("What color is the man's shirt, green or pink?", "What color is the man's shirt?", ("green", "pink")),
    ("red or yellow bus?", "What color is the bus?", ("red", "yellow")),
    ("Can you see one or two dogs?", "How many dogs are there?", ("one", "two")),
    ("How many cats are there, two or three?", "How many cats are there?", ("two", "three")),
    ("a dog or a cat?", "What is in this picture?", ("a dog", "a cat")),
    ("Is it a man or a woman?", "Who is in the picture?", ("a man", "a woman")),
])
def test_a_choice_is_asked_for_openly_and_what_was_offered_stays(typed: str, asked: str, choices: tuple[str, ...]) -> None:
    question = understand_question(typed)
    assert (question.kind, question.text, question.choices) == ("either_or", asked, choices)


@pytest.mark.parametrize("typed", [
    "Is it indoors or outdoors?", "Black or white?", "Is it red or blue?", "Is he holding a ball or a bat?",
    "Is the man sitting or standing?", "Does he wear a red or a blue shirt?", "Is there one dog or two?", "Is it day or night?",
])
def test_what_has_no_such_form_stays_as_it_is(typed: str) -> None:
    question = understand_question(typed)
    assert (question.kind, question.text) == ("either_or", typed)
