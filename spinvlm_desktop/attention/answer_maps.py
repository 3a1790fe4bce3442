"""The maps of one answer's words on the places of its photo, whichever kind of model made it.

L layers, H heads, C cells; a map is [rows, columns] of `places`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from core.answers import AnswerToken, CellToken, FloatArray, HalfArray, PatchToken
from core.photo_layout import Box, PhotoLayout, PlaceGrid
from spinvlm_desktop.answers.answer_words import AnswerWord
from spinvlm_desktop.attention.head_maps import HeadSelection, class_share, word_map


class AnswerMaps(Protocol):
    """Maps of one answer's words."""

    @property
    def places(self) -> PlaceGrid: ...
    @property
    def unseen(self) -> tuple[Box, ...]:
        """What the model never saw of the photo, in parts of its width and height."""
        ...
    @property
    def unit(self) -> str:
        """What a place is called."""
        ...

    def of_word(self, word: AnswerWord, selection: HeadSelection) -> FloatArray | None:
        """Attention on each place, mean over the word's tokens; None where it isn't here yet (see `missing`)."""
        ...

    def missing(self, word: AnswerWord, selection: HeadSelection) -> list[int]:
        """The tokens, by their place in the answer, whose heads' maps have to be made first."""
        ...

    def elsewhere(self, word: AnswerWord, selection: HeadSelection) -> str:
        """A sentence about attention that isn't tied to a place, or nothing."""
        ...


class PatchMaps:
    """Of the small model, whose tokens carry the maps of all heads."""

    unit = "patch"
    unseen: tuple[Box, ...] = ()

    def __init__(self, token: PatchToken) -> None:
        """token: any of the answer's."""
        self.places = PlaceGrid.even(*token.patch_attention.shape[2:])

    def of_word(self, word: AnswerWord, selection: HeadSelection) -> FloatArray:
        return word_map(word, selection)

    def missing(self, word: AnswerWord, selection: HeadSelection) -> list[int]:
        return []

    def elsewhere(self, word: AnswerWord, selection: HeadSelection) -> str:
        return f"Not tied to a location (class token): {class_share(word, selection):.0%}."


class CellMaps:
    """Of a pretrained model, whose tokens carry the map of each layer; a single head's is made again on request."""

    unit = "cell"

    def __init__(self, layout: PhotoLayout) -> None:
        self._layout = layout
        self.places, self.unseen = layout.places, layout.unseen_parts
        self._heads: dict[int, HalfArray] = {}

    def add_heads(self, index: int, maps: HalfArray) -> None:
        """maps: [L, H, C] of the token in this place."""
        self._heads[index] = maps

    def of_word(self, word: AnswerWord, selection: HeadSelection) -> FloatArray | None:
        if self.missing(word, selection):
            return None
        cells = [self._of_token(token, selection) for token in word.tokens if isinstance(token, CellToken)]
        return self._layout.on_places(np.mean(np.stack(cells), axis=0))

    def missing(self, word: AnswerWord, selection: HeadSelection) -> list[int]:
        if selection.head is None:
            return []
        return [token.index for token in word.tokens if token.index not in self._heads]

    def elsewhere(self, word: AnswerWord, selection: HeadSelection) -> str:
        return ""

    def _of_token(self, token: CellToken, selection: HeadSelection) -> FloatArray:
        """[C]"""
        if selection.layer is not None and selection.head is not None:
            return self._heads[token.index][selection.layer, selection.head].astype(np.float32)
        if selection.layer is not None:
            return token.cell_attention[selection.layer].astype(np.float32)
        kept = (token.head_gate >= 1).sum(axis=1)  # [L], how many heads each layer's map is the mean of
        weights = kept if kept.any() else np.ones_like(kept)
        return np.average(token.cell_attention.astype(np.float32), axis=0, weights=weights).astype(np.float32)


def maps_of(tokens: Sequence[AnswerToken], layout: PhotoLayout | None) -> AnswerMaps | None:
    """The maps of an answer; None where it has none, or where the layout of its cells isn't known yet."""
    first = next(iter(tokens), None)
    if isinstance(first, PatchToken):
        return PatchMaps(first)
    return None if layout is None or not layout.grids else CellMaps(layout)


def place_weights(
    maps: AnswerMaps, words: Sequence[AnswerWord], row: int, column: int, selection: HeadSelection
) -> list[float]:
    """Each word's attention on a place, as a part of the greatest of them; 0 where a word's map isn't here."""
    found = (maps.of_word(word, selection) for word in words)
    values = [0.0 if each is None else float(each[row, column]) for each in found]
    greatest = max(values, default=0.0)
    return [value / greatest for value in values] if greatest > 0 else [0.0] * len(values)
