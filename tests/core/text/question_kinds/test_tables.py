"""The tables beside the kinds are complete, and what they suggest can be answered."""

from __future__ import annotations

import pytest

from core.text.question_kinds.answer_form import answer_form
from core.text.question_kinds.declining import DECLININGS, WITHOUT_SUBJECT
from core.text.question_kinds.kinds import ANSWERABLE, DECLINED, KINDS
from core.text.question_kinds.understanding import understand_question


def test_every_declined_kind_has_its_sentence() -> None:
    assert set(DECLININGS) == set(DECLINED)
    assert set(ANSWERABLE).isdisjoint(DECLINED)
    assert set(KINDS) == {*ANSWERABLE, *DECLINED}


@pytest.mark.parametrize("declining", [*DECLININGS.values(), WITHOUT_SUBJECT])
def test_what_is_suggested_can_be_answered(declining: object) -> None:
    assert declining in (*DECLININGS.values(), WITHOUT_SUBJECT)
    for entry in (*DECLININGS.values(), WITHOUT_SUBJECT):
        assert 1 <= len(entry.suggestions) <= 2
        assert entry.sentence.endswith((".", "!"))
        for suggestion in entry.suggestions:
            assert understand_question(suggestion).is_answerable, suggestion


@pytest.mark.parametrize(("text", "answers"), [
    ("Is there a dog?", ("yes", "no")), ("Is it a cat or a dog?", ("a cat", "a dog")),
    ("what season is it", ("spring", "summer", "autumn", "winter")),
])
def test_closed_questions_have_closed_answers(text: str, answers: tuple[str, ...]) -> None:
    form = answer_form(understand_question(text))
    assert (form.form, form.answers) == ("one_of", answers)


def test_counts_are_words_and_colours_may_be_joined() -> None:
    assert {"one", "twelve"} <= set(answer_form(understand_question("How many dogs are there?")).answers)
    assert answer_form(understand_question("What color is the dog?")).may_join
    assert answer_form(understand_question("Describe the image.")).form == "sentence"
    assert answer_form(understand_question("What is the man doing?")).form == "phrase"
