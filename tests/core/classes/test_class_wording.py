"""Which questions are the one that was learnt."""

from __future__ import annotations

import pytest

from core.classes.class_wording import wording_of

LEARNT = "Which of my mushrooms is it?"


@pytest.mark.parametrize("asked", [
    "which of my mushrooms is it", "Which mushroom is this?", "What kind of mushroom is it?", "which mushrom is it",
    "Please tell me what mushroom this is", "What type of mushrooms are these?", "Which mushroom do you see in this picture?",
])
def test_the_same_in_other_words(asked: str) -> None:
    assert wording_of(asked).means(wording_of(LEARNT))


@pytest.mark.parametrize("asked", [
    "What is on the mushroom?", "What color is the mushroom?", "How many mushrooms are there?", "Where is the mushroom?",
    "Is it a mushroom?", "What is this?", "Which flower is this?", "", "?!", "Describe the mushroom.",
])
def test_other_questions(asked: str) -> None:
    assert not wording_of(asked).means(wording_of(LEARNT))


def test_a_question_in_another_language_is_known_by_its_words() -> None:
    learnt = wording_of("Welcher Pilz ist das?")
    assert wording_of("welcher PILZ ist das").means(learnt)
    assert not wording_of("Welcher Baum ist das?").means(learnt)


def test_one_that_names_nothing_has_to_be_typed_as_it_was() -> None:
    assert wording_of("which is it").means(wording_of("Which is it?"))
    assert not wording_of("What is it?").means(wording_of("Which is it?"))
