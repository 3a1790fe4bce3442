"""Maps and shares of an answer's words, as NumPy arrays. L layers, H heads, S patches a side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.answers import AnswerToken, FloatArray, PatchToken
from core.photo_layout import PlaceGrid
from spinvlm_desktop.answers.answer_words import AnswerWord


@dataclass(frozen=True)
class HeadSelection:
    """Which heads a map is of."""

    layer: int | None = None
    """None: the kept heads of all layers."""
    head: int | None = None
    """None: the kept heads of the layer."""

    def in_words(self) -> str:
        if self.layer is None:
            return "mean of all kept heads"
        return f"layer {self.layer + 1}, {'mean of its kept heads' if self.head is None else f'head {self.head + 1}'}"


ALL_KEPT = HeadSelection()


def word_map(word: AnswerWord, selection: HeadSelection = ALL_KEPT) -> FloatArray:
    """[S, S]: attention on each patch, mean over the selected heads and the word's tokens."""
    return _mean([_selected(token.patch_attention, token, selection) for token in _patch_tokens(word)])


def class_share(word: AnswerWord, selection: HeadSelection = ALL_KEPT) -> float:
    """Attention on the class token, which isn't tied to a location."""
    return float(_mean([_selected(token.class_attention, token, selection) for token in _patch_tokens(word)]))


def mass_grid(word: AnswerWord) -> FloatArray:
    """[L, H]: attention of each head on the image."""
    return _mean([token.image_mass for token in word.tokens])


def gate_grid(word: AnswerWord) -> FloatArray:
    """[L, H]: factor on each head; the lowest of the word's tokens."""
    return np.minimum.reduce([token.head_gate for token in word.tokens])


def describe_map(attention: FloatArray, places: PlaceGrid, *, unit: str = "patch", what: str = "attention") -> str:
    """Where a map is strongest, in words. unit: what a place is called; what: of what it is a map."""
    total = float(attention.sum())
    if total <= 0:
        return "Nothing on the photo."
    row, column = np.unravel_index(int(attention.argmax()), attention.shape)
    left, top, right, bottom = places.box(int(row), int(column))
    vertical = ("upper", "middle", "lower")[min(2, int((top + bottom) * 1.5))]
    horizontal = ("left", "centre", "right")[min(2, int((left + right) * 1.5))]
    place = "the centre" if (vertical, horizontal) == ("middle", "centre") else f"{vertical} {horizontal}"
    return f"Strongest: {place}, {attention.max() / total:.0%} of the {what} on the photo in one {unit}."


def _selected(values: NDArray[np.float32], token: AnswerToken, selection: HeadSelection) -> NDArray[np.float32]:
    """values: [L, H, ...] -> [...]"""
    if selection.layer is None:
        kept = token.head_gate >= 1
        return values[kept].mean(0) if kept.any() else values.mean((0, 1))
    if selection.head is not None:
        return values[selection.layer, selection.head]
    kept = token.head_gate[selection.layer] >= 1
    layer = values[selection.layer]
    return layer[kept].mean(0) if kept.any() else layer.mean(0)


def _patch_tokens(word: AnswerWord) -> list[PatchToken]:
    """The word's tokens, of an answer of the small model."""
    return [token for token in word.tokens if isinstance(token, PatchToken)]


def _mean(values: Sequence[NDArray[np.float32]]) -> FloatArray:
    return np.mean(np.stack([np.asarray(value, np.float32) for value in values]), axis=0)
