"""A question about a photo and its answer: what a model learns from and is asked."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("caption", "action", "wearing", "colour", "count", "where", "who", "presence")
"""Kinds of question that are made of captions; ready-made questions may have others."""


@dataclass(frozen=True)
class QaPair:
    """A question about an image and its answer."""

    image: str
    """The image's name in its dataset."""
    question: str
    answer: str
    kind: str
    """One of KINDS, or one that a file of ready-made questions names."""

    @property
    def order(self) -> tuple[str, int, str]:
        """Sorts pairs by image, and by kind in the order of KINDS, others after them."""
        return self.image, KINDS.index(self.kind) if self.kind in KINDS else len(KINDS), self.kind
