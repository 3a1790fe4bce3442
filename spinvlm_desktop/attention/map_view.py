"""A word's map in words, the scale of its colours, and how it covers the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.answers import FloatArray
from spinvlm_desktop.answers.answer_words import AnswerWord
from spinvlm_desktop.attention.answer_maps import AnswerMaps
from spinvlm_desktop.attention.colour_map import LegendBar, even_map, heat_image
from spinvlm_desktop.attention.head_maps import HeadSelection, describe_map, gate_grid
from spinvlm_desktop.attention.panel_rows import LookRow
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

SCALE_QUANTILE = 0.99
"""Part of all patches, of all words, that lie within the colours' range."""


@dataclass(frozen=True)
class WordOnShow:
    """A word of an answer, and whose map of it is chosen."""

    word: AnswerWord
    words: Sequence[AnswerWord]
    """All of the answer's."""
    maps: AnswerMaps
    selection: HeadSelection
    is_evidence: bool
    """It answers a class question, in which no head has a part."""

    def attention(self) -> FloatArray | None:
        """The map; None where it isn't here yet."""
        return self.maps.of_word(self.word, self.selection)

    def scale(self) -> float:
        """The attention that gets the last colour.

        One for the whole answer, so that a faint word looks faint; single glaring patches don't dim all others.
        """
        others = [found for other in self.words if (found := self.maps.of_word(other, self.selection)) is not None]
        return float(np.quantile(others, SCALE_QUANTILE))

    def describe(self, attention: FloatArray) -> str:
        """Its map in words."""
        what = "evidence" if self.is_evidence else "attention"
        sentences = [describe_map(attention, self.maps.places, unit=self.maps.unit, what=what)]
        if not self.is_evidence:
            gate = gate_grid(self.word)
            sentences += [self.maps.elsewhere(self.word, self.selection), f"Kept heads: {int((gate >= 1).sum())} of {gate.size}."]
        return " ".join(filter(None, sentences))


class MapView(QWidget):
    """Says what is to be laid over the photo."""

    heat_map_changed = Signal(object, float, bool)
    """QImage that covers the photo, or None; opacity; whether it is to be smoothed"""
    look_changed = Signal(float, bool)
    """opacity of the map, whether it is smoothed"""

    def __init__(self) -> None:
        super().__init__()
        self._shown: WordOnShow | None = None
        self._attention: FloatArray | None = None
        self._scale = 1.0
        self._text = sentence_label("The map in words")
        self._legend = LegendBar()
        self._look = LookRow()
        self._look.look_changed.connect(self._on_look)
        column_of(self._text, self._legend, self._look, parent=self, margins=(), spacing=6)

    def set_look(self, *, opacity: float, smooth: bool) -> None:
        """How the map covers the photo. opacity: in [0, 1]."""
        self._look.set_look(opacity=opacity, smooth=smooth)

    def show_word(self, shown: WordOnShow | None, *, instead: str = "") -> None:
        """instead: is said where there is no map."""
        self._shown, self._attention = shown, None if shown is None else shown.attention()
        if shown is not None and self._attention is not None:
            self._scale = shown.scale()
            self._legend.set_range("0%", f"{self._scale:.1%} a {shown.maps.unit}, or more")
            self._text.setText(shown.describe(self._attention))
        else:
            self._text.setText(instead)
        self._emit_map()

    def _on_look(self) -> None:
        self._emit_map()
        self.look_changed.emit(self._look.opacity, self._look.smooth)

    def _emit_map(self) -> None:
        if self._shown is None or self._attention is None:
            self.heat_map_changed.emit(None, 0.0, False)
            return
        even = even_map(self._attention, self._shown.maps.places, smooth=self._look.smooth)
        self.heat_map_changed.emit(heat_image(even, scale_max=self._scale), self._look.opacity, self._look.smooth)
