"""How well a class question's classes are told apart on photos that had no part in it, from its summary. Imports no torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.classes.class_question import ClassSummary, HeldOutPhoto

Z_95 = 1.959964
"""Standard deviations on either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True)
class ClassResults:
    """Counts and shares; every share is in [0, 1]."""

    right: int
    total: int
    chance: float
    """Share of right answers where the class with the most photos is always said."""

    @property
    def accuracy(self) -> float:
        return self.right / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 %, after Wilson (1927): it stays within 0 and 1, also where all answers are right."""
        return wilson_interval(self.right, self.total)

    @property
    def is_above_chance(self) -> bool:
        """Whether that is more than luck."""
        return self.interval[0] > self.chance


def results_of(summary: ClassSummary) -> ClassResults:
    """Of all photos that were held out."""
    counts = Counter(photo.true for photo in summary.photos)
    total = len(summary.photos)
    return ClassResults(
        sum(photo.is_right for photo in summary.photos), total, max(counts.values(), default=0) / total if total else 0.0
    )


def confusion(summary: ClassSummary) -> list[list[list[HeldOutPhoto]]]:
    """[K][K] lists of photos: by their own class, then by the class that they were taken for; the most certain first."""
    count = len(summary.classes)
    cells: list[list[list[HeldOutPhoto]]] = [[[] for _ in range(count)] for _ in range(count)]
    for photo in summary.photos:
        cells[photo.true][photo.said].append(photo)
    for row in cells:
        for cell in row:
            cell.sort(key=lambda photo: -(photo.certainty or 0.0))
    return cells


def recall(row: Sequence[Sequence[HeldOutPhoto]], index: int) -> float | None:
    """Of a class's photos the share that was taken for it; None where it has none."""
    total = sum(map(len, row))
    return len(row[index]) / total if total else None


def wilson_interval(right: float, total: int) -> tuple[float, float]:
    """95 % interval of a share. right: answers that are partly right count as parts."""
    if not total:
        return 0.0, 1.0
    share, extra = right / total, Z_95**2 / total
    middle = (share + extra / 2) / (1 + extra)
    half = Z_95 * math.sqrt(share * (1 - share) / total + extra / (4 * total)) / (1 + extra)
    return max(0.0, middle - half), min(1.0, middle + half)
