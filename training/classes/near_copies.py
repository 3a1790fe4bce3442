"""Photos that show nearly the same, as a burst does: to know one of them is to know the others. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images.image_input import load_image

SIDE = 24
"""Pixels of the small picture that is compared."""
DECODED = 96
MOST_APART = 10.0
"""Mean difference of two small pictures, of 255, up to which they may be near copies ..."""
LEAST_ALIKE = 0.97
"""... and the correlation that they need besides: two drawings on white paper lie near each other without being copies."""
Small = NDArray[np.float32]


def small_picture(photo: Path) -> Small:
    """[SIDE * SIDE * 3], as it is compared. Raises ImageError."""
    image = load_image(photo, at_least=DECODED).resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(image, dtype=np.float32).ravel()


def group_near_copies(pictures: Sequence[Small]) -> NDArray[np.int64]:
    """[N]: photos that are near copies of one another, or of one between them, have the same number."""
    groups = np.arange(len(pictures), dtype=np.int64)
    if not len(pictures):
        return groups
    table = np.stack(list(pictures))  # [N, P]
    around = table - table.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(around, axis=1)
    around = around / np.maximum(lengths, 1e-6)[:, None]
    for index in range(len(table) - 1):
        alike = around[index + 1 :] @ around[index] >= LEAST_ALIKE  # [N - index - 1]
        for other in index + 1 + np.flatnonzero(alike):
            if float(np.abs(table[other] - table[index]).mean()) <= MOST_APART:
                groups[groups == groups[other]] = groups[index]
    return groups
