"""The words of an answer, made of its tokens. Words are known by their place, so that a repeated word is two words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.answers import AnswerToken, CellToken, FloatArray

QUESTION_FACTOR = 2.0
"""A weakly grounded word gives the question so many times the attention that the answer's middle word gives it ..."""
LEAST_ON_QUESTION = 0.1
"""... and at least so much; less is nothing to speak of, however it is shared out."""
MOST_ON_QUESTION = 0.5
"""More than this is weak in any company: the question had more attention than the photo."""


@dataclass(frozen=True)
class AnswerWord:
    """A word as it is read, with punctuation that sticks to it."""

    index: int
    """Place in the answer, from 0."""
    text: str
    tokens: tuple[AnswerToken, ...]
    """At least one."""
    typical_mass: float = 1.0
    """Image mass of the answer's middle word (the median)."""
    lines_before: int = 0
    """Line breaks between it and the word before."""

    @property
    def image_mass(self) -> float:
        """Attention on the image, in [0, 1]: mean over layers and the heads that were kept, and over the word's tokens."""
        return float(np.mean([_kept_mean(token.image_mass, token.head_gate) for token in self.tokens]))

    @property
    def probability(self) -> float:
        """Probability of the whole word: the product of its tokens'."""
        return float(np.prod([token.probability for token in self.tokens]))

    @property
    def weakly_grounded(self) -> bool:
        """Whether the word rests on the question far more than others of its answer.

        No fixed share would do: what is low for one model or answer is usual in another. Unknown, and so never, of
        pretrained models, whose attention off the photo isn't all on the question.
        """
        if isinstance(self.tokens[0], CellToken):
            return False
        limit = max(LEAST_ON_QUESTION, QUESTION_FACTOR * (1 - self.typical_mass))
        return 1 - self.image_mass > min(MOST_ON_QUESTION, limit)


def answer_words(tokens: Sequence[AnswerToken]) -> list[AnswerWord]:
    """Words of an answer; the end token, which has no text, belongs to none.

    A token belongs to the word that its text continues: a new word starts where text begins after a space.
    """
    groups: list[tuple[str, list[AnswerToken]]] = []
    text_before, gap = " ", ""
    for token in tokens:
        if not token.text.strip():
            text_before, gap = token.text or text_before, gap + token.text
            continue
        if not groups or token.text[0].isspace() or text_before[-1].isspace():
            groups.append((gap, []))
        word, members = groups[-1]
        groups[-1] = (word + token.text, [*members, token])
        text_before, gap = token.text, token.text[len(token.text.rstrip()) :]
    words = [
        AnswerWord(index, text.strip(), tuple(members), lines_before=text[: -len(text.lstrip())].count("\n"))
        for index, (text, members) in enumerate(groups)
    ]
    typical = float(np.median([word.image_mass for word in words])) if words else 1.0
    return [replace(word, typical_mass=typical) for word in words]


def _kept_mean(values: FloatArray, gate: FloatArray) -> float:
    kept = gate >= 1
    return float(values[kept].mean()) if kept.any() else float(values.mean())
