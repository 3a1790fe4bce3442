"""Which settings no other one beats. Torch-free, so that the window can draw them too."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> set[int]:
    """Numbers of the points (recall, CHAIR_i) than which no other has more recall at no more CHAIR_i, or less CHAIR_i at
    no less recall."""
    return {
        index for index, (x, y) in enumerate(points)
        if not any((u >= x and v <= y) and (u, v) != (x, y) for u, v in points)
    }
