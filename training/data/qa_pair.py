"""A question about a photo and its answer: what a model learns from and is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = ("caption", "action", "wearing", "colour", "count", "where", "who", "presence")
"""Kinds of question that are made of captions; ready-made questions may have others."""
MOST_ANSWER_WORDS = 6
"""Of a short answer; longer ones are learnt and measured as captions are."""


@dataclass(frozen=True)
class QaPair:
    """A question about an image and its answer."""

    image: str
    """The image's name in its dataset."""
    question: str
    answer: str
    kind: str
    """One of KINDS, or one that a file of ready-made questions names."""
    answers: tuple[tuple[str, int], ...] = ()
    """What several people answered, and how many each; empty where no more than the answer is known."""

    @property
    def order(self) -> tuple[str, int, str]:
        """Sorts pairs by image, and by kind in the order of KINDS, others after them."""
        return self.image, KINDS.index(self.kind) if self.kind in KINDS else len(KINDS), self.kind

    @property
    def agreement(self) -> str:
        """How many people gave this answer, as in `5 of 10`; empty where it isn't known."""
        return f"{dict(self.answers).get(self.answer, 0)} of {sum(dict(self.answers).values())}" if self.answers else ""

    def to_dict(self) -> dict[str, Any]:
        """A line of questions.jsonl."""
        values: dict[str, Any] = {"image": self.image, "question": self.question, "answer": self.answer, "kind": self.kind}
        return {**values, "answers": dict(self.answers)} if self.answers else values


def most_common(answers: tuple[tuple[str, int], ...]) -> str | None:
    """The answer that most people gave, of equals the first; None where there is none."""
    return max(answers, key=lambda answer: answer[1])[0] if answers else None


def kind_of(question: str, answer: str) -> str:
    """The kind of a question that names none, from its first word and its answer."""
    asked, said = question.lower().strip(" ?").split(), [word.strip(".,!") for word in answer.lower().split()]
    if said[:1] in (["yes"], ["no"]):
        return "presence"
    if len(said) > MOST_ANSWER_WORDS:
        return "caption"
    if asked[:2] == ["how", "many"]:
        return "count"
    if asked[:1] in (["where"], ["who"]):
        return asked[0]
    return "colour" if "colour" in asked or "color" in asked else "other"
