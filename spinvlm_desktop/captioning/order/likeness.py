"""Which photos look alike: copies, and shots of the same scene one after the other.

A difference hash on Pillow alone: the library ImageHash would bring scipy and PyWavelets (some 50 MB in the bundle) for hashes
that aren't needed here, and its dhash is these few lines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 8
"""The hash has SIDE * SIDE bits."""
NEAR = 6
"""Bits in which photos that look alike may differ: re-saved or shrunk copies stay below 3, other photos seldom come below 12."""
ROOM = 256


def difference_hash(photo: Image.Image) -> int:
    """Whether each part of the photo is brighter than the one left of it, of 64 parts."""
    grey = np.asarray(photo.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX), dtype=np.int16)
    return int.from_bytes(np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes(), "big")


class LookAlikes:
    """Groups of photos that look like the first of their group."""

    def __init__(self) -> None:
        self._firsts: NDArray[np.uint64] = np.zeros(ROOM, np.uint64)
        self._groups: list[list[str]] = []
        self._group_of: dict[str, int] = {}

    def add(self, name: str, look: int) -> None:
        """Take a photo in, once."""
        if name in self._group_of:
            return
        count = len(self._groups)
        if count:
            distances = np.bitwise_count(self._firsts[:count] ^ np.uint64(look))
            nearest = int(distances.argmin())
            if distances[nearest] <= NEAR:
                self._groups[nearest].append(name)
                self._group_of[name] = nearest
                return
        if count == len(self._firsts):
            self._firsts = np.concatenate([self._firsts, np.zeros_like(self._firsts)])
        self._firsts[count] = look
        self._groups.append([name])
        self._group_of[name] = count

    def like(self, name: str) -> list[str]:
        """The other photos of its group."""
        group = self._group_of.get(name)
        return [] if group is None else [other for other in self._groups[group] if other != name]
