"""The answers that fit a question's kind, so that the model can be kept to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.text.question_kinds.kinds import UnderstoodQuestion

Form = Literal["sentence", "phrase", "one_of"]

YES_NO = ("yes", "no")
NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)
NUMBERS = (*NUMBER_WORDS, *map(str, range(len(NUMBER_WORDS))))
"""As words, which models learn, or as digits: a model that learnt both answers in the manner of the question, and kept to words
alone it counts worse."""
COLOURS = (
    "red", "blue", "green", "yellow", "orange", "pink", "purple", "white", "black", "brown", "gray", "tan", "beige", "gold",
    "silver",
    "blond",
)
"""Each may be joined with another one: "black and white"."""
COLOUR_WORDS = frozenset({*COLOURS, "grey", "blonde"})
"""The same, also as others spell them."""


@dataclass(frozen=True)
class AnswerForm:
    """What an answer may look like."""

    form: Form
    """sentence: free, as a caption; phrase: free and short; one_of: exactly one of the answers."""
    answers: tuple[str, ...] = ()
    """Everything that may be answered, lower case; empty for free answers."""
    may_join: bool = False
    """Whether two answers joined by "and" are one too."""


def answer_form(question: UnderstoodQuestion) -> AnswerForm:
    """The form that the answer to an understood question takes."""
    if question.kind == "either_or":
        return AnswerForm("one_of", question.choices)
    if question.kind == "yes_no":
        return AnswerForm("one_of", YES_NO)
    if question.kind == "count":
        return AnswerForm("one_of", NUMBERS)
    if question.kind == "colour":
        return AnswerForm("one_of", COLOURS, may_join=True)
    return AnswerForm("sentence" if question.kind == "describe" else "phrase")
