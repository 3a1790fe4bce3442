"""The words of an answer, made of its tokens. Words are known by their place, so that a repeated word is two words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.answers import AnswerToken, FloatArray

WEAKLY_GROUNDED = 0.2
"""Image mass below which a word is shown as weakly grounded."""


@dataclass(frozen=True)
class AnswerWord:
    """A word as it is read, with punctuation that sticks to it."""

    index: int
    """Place in the answer, from 0."""
    text: str
    tokens: tuple[AnswerToken, ...]
    """At least one."""

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
        return self.image_mass < WEAKLY_GROUNDED


def answer_words(tokens: Sequence[AnswerToken]) -> list[AnswerWord]:
    """Words of an answer; the end token, which has no text, belongs to none.

    A token belongs to the word that its text continues: a new word starts where text begins after a space.
    """
    groups: list[tuple[str, list[AnswerToken]]] = []
    text_before = " "
    for token in tokens:
        if not token.text.strip():
            text_before = token.text or text_before
            continue
        if not groups or token.text[0].isspace() or text_before[-1].isspace():
            groups.append(("", []))
        word, members = groups[-1]
        groups[-1] = (word + token.text, [*members, token])
        text_before = token.text
    return [AnswerWord(index, text.strip(), tuple(members)) for index, (text, members) in enumerate(groups)]


def _kept_mean(values: FloatArray, gate: FloatArray) -> float:
    kept = gate >= 1
    return float(values[kept].mean()) if kept.any() else float(values.mean())
