"""What the sentence encoder learns from: the words that the program would see, and how much each wording counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import torch

from core.text.question_kinds.understanding import essential_text, normal_words
from core.text.question_kinds.words.plain_text import plain_text
from core.text.question_kinds.words.sentences import asking_sentence
from core.text.question_kinds.words.word_forms import split_words
from training.question_kinds.wordings import Wording

ARTICLES = frozenset({"the", "a", "an", "is", "are", "do", "does"})
TERSE_SHARE = 0.15
"""Wordings that are also learnt from without their small words."""


def words_of(text: str) -> list[str]:
    """The words that the program's encoder would see of a question."""
    words = normal_words(asking_sentence(plain_text(text)))
    return split_words(essential_text(words))


def terse(wordings: Sequence[Wording], *, seed: int) -> list[Wording]:
    """Some wordings without their articles and auxiliary verbs, as people in a hurry type them."""
    rng = random.Random(f"{seed}/terse")
    shorter: list[Wording] = []
    for wording in wordings:
        words = wording.text.split()
        kept = [word for i, word in enumerate(words) if i == 0 or word not in ARTICLES or rng.random() < 0.3]
        if rng.random() < TERSE_SHARE and 2 <= len(kept) < len(words) and wording.kind not in ("language", "statement", "yes_no"):
            shorter.append(Wording(" ".join(kept), wording.kind, wording.group))
    return shorter


def importance(wordings: Sequence[Wording]) -> torch.Tensor:
    """[N] templates count by the square root of their fillings, and rare kinds more than frequent ones; 1 on average."""
    of_group = Counter((wording.kind, wording.group) for wording in wordings)
    shares = [of_group[wording.kind, wording.group] ** -0.5 for wording in wordings]
    of_kind: Counter[str] = Counter()
    for wording, share in zip(wordings, shares, strict=True):
        of_kind[wording.kind] += share  # type: ignore[assignment]
    weights = torch.tensor([s * of_kind[w.kind] ** -0.5 for w, s in zip(wordings, shares, strict=True)])
    return weights / weights.mean()
