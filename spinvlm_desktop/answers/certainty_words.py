"""How sure an answer is, in words."""

from __future__ import annotations

from core.answers import Answer
from core.certainty import Level, level_of
from core.text.question_kinds.declining import declining_of

CHIPS: dict[Level, str] = {"sure": "Sure", "fairly_sure": "Fairly sure", "not_sure": "Not sure: perhaps"}
ASKED_ANYWAY = "Asked anyway: don't rely on this answer"


def chip_text(certainty: float) -> str:
    """Stands beside the answer; before it where that is not sure."""
    return CHIPS[level_of(certainty)]


def chip_tip(certainty: float) -> str:
    """What the certainty means."""
    return f"Of 100 answers that were as certain, about {100 * certainty:.0f} were right when this model was measured"


def was_asked_anyway(answer: Answer) -> bool:
    """Whether the model was given a question as typed that it would have declined."""
    from core.text.question_kinds.understanding import understand_question  # its rules take a while, and no window opens with it

    return (
        answer.declined is None and answer.layout is None and not answer.class_shares and answer.asked == answer.question
        and declining_of(understand_question(answer.question)) is not None
    )


def guess_in_words(answer: Answer) -> str:
    """A guess that was held back, once the user has asked for it."""
    chance = "" if answer.certainty is None else f", right about {100 * answer.certainty:.0f} times in 100"
    return f"A guess{chance}:"
