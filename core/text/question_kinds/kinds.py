"""The kinds of questions, and what is known of a question before a model sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeGuard, get_args

AnswerableKind = Literal[
    "describe", "yes_no", "either_or", "count", "colour", "where", "who", "doing", "wearing", "object"
]
DeclinedKind = Literal[
    "text", "identity", "breed", "age", "time", "place_name", "why", "advice", "comparison", "quantity", "unseen",
    "greeting", "thanks", "about_program", "task", "language", "gibberish", "empty", "statement", "follow_up",
]
QuestionKind = AnswerableKind | DeclinedKind
Need = Literal["nothing", "subject_if_any", "subject", "question"]

ANSWERABLE: tuple[AnswerableKind, ...] = get_args(AnswerableKind)
"""Kinds that the model can try: their answers can be seen in a photo."""
DECLINED: tuple[DeclinedKind, ...] = get_args(DeclinedKind)
"""Kinds that are declined in one sentence. A follow-up is one of them only while it isn't resolved."""
KINDS: tuple[QuestionKind, ...] = (*ANSWERABLE, *DECLINED)


def is_answerable_kind(kind: QuestionKind) -> bool:
    """Whether the model can try questions of this kind."""
    return kind in ANSWERABLE


def is_declined_kind(kind: QuestionKind) -> TypeGuard[DeclinedKind]:
    """Whether questions of this kind are declined."""
    return kind in DECLINED


@dataclass(frozen=True)
class UnderstoodQuestion:
    """What a question asks for."""

    kind: QuestionKind
    text: str
    """The question in the words to give to the model: spelling mended, politeness dropped, on one line."""
    choices: tuple[str, ...] = ()
    """The answers that an either-or question offers, at least two; empty for every other kind."""
    subject: str = ""
    """What is asked about, without its article: `dog` in "What colour is the dog?". Empty where nothing is named."""
    needs_previous: Need = "nothing"
    """What it takes from the turn before.

    nothing; subject_if_any: a pronoun that is clearer with the last thing named, but can also mean what the photo shows;
    subject: a pronoun that means nothing without it; question: a fragment that repeats the last question.
    """
    confidence: float = 1.0
    """How sure the kind is, in [0, 1]."""

    @property
    def is_answerable(self) -> bool:
        """Whether the model can try it."""
        return is_answerable_kind(self.kind)
