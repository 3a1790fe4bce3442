"""Everything about where one answer's heads looked, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from core.answers import AnswerToken, HalfArray, HeadIndex
from core.photo_layout import PhotoLayout
from spinvlm_desktop.answers.answer_markup import bare
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words
from spinvlm_desktop.attention.answer_maps import AnswerMaps, CellMaps, maps_of, place_weights
from spinvlm_desktop.attention.colour_map import LegendBar, even_map, heat_image
from spinvlm_desktop.attention.head_grid import HeadGrid
from spinvlm_desktop.attention.head_maps import (
    ALL_KEPT,
    HeadSelection,
    describe_map,
    gate_grid,
    mass_grid,
)
from spinvlm_desktop.attention.panel_rows import LookRow, NoticeRow, StepRow
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

PLAY_INTERVAL = 700
"""Milliseconds a word."""
EMPTY = "Ask a question, then click a word of the answer to see where the model looked."
UNCHOSEN = "Click a word of the answer to see where the model looked."
KEY = (
    "Each square is an attention head, with the part of its attention that went to the photo for this word, in %. "
    "Hatched: suppressed. Click: its own map. Ctrl+click: switch it off."
)
EVIDENCE = "Where the photo speaks for “{name}”."
SCALE_QUANTILE = 0.99
"""Part of all patches, of all words, that lie within the colours' range."""


class AttentionPanel(QWidget):
    """Words are known by their place in the answer."""

    heat_map_changed = Signal(object, float, bool)
    """QImage that covers the photo, or None; opacity; whether it is to be smoothed"""
    places_changed = Signal(object, object)
    """PlaceGrid of the answer on show, and the parts of the photo that its model never saw"""
    head_maps_wanted = Signal(object)
    """list[int] of tokens, by their place in the answer, whose heads' maps have to be made again (see `add_head_maps`)"""
    word_selected = Signal(int)
    word_weights_changed = Signal(object)
    """list[float] of each word's attention to a patch, or None"""
    ablation_changed = Signal(object)
    """frozenset[(layer, head)]"""
    ask_again_requested = Signal()
    look_changed = Signal(float, bool)
    """opacity of the map, whether it is smoothed"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: Sequence[AnswerToken] = ()
        self._maps: AnswerMaps | None = None
        self._no_map = ""
        self._words: list[AnswerWord] = []
        self._index: int | None = None
        self._is_evidence = False
        self._selection = ALL_KEPT
        self._ablated: frozenset[HeadIndex] = frozenset()
        self._answered_without: frozenset[HeadIndex] = frozenset()
        self._patch: tuple[int, int] | None = None
        self._timer = QTimer(self, interval=PLAY_INTERVAL)
        self._timer.timeout.connect(self._on_play_step)
        self._headline = sentence_label("Word on show")
        self._steps = StepRow()
        self._details = QWidget()
        self._patch_row = self._make_patch_row()
        self._off_row = self._make_off_row()
        column_of(
            self._headline, self._steps, self._patch_row, self._off_row, self._details, 1, parent=self, margins=(2, 2, 2, 2),
            spacing=6,
        )
        self._steps.step_requested.connect(self.step)
        self._steps.play_toggled.connect(lambda: self._stop_playing() if self._timer.isActive() else self.play())
        self._steps.choice.selection_chosen.connect(self._select)
        self._fill_details()
        self._show_word()

    def _fill_details(self) -> None:
        self.grid = HeadGrid()
        self.grid.head_chosen.connect(self._on_head_chosen)
        self.grid.ablation_toggled.connect(self._on_ablation_toggled)
        self._key = sentence_label("Key of the grid", KEY, muted=True)
        self._text = sentence_label("The map in words")
        self._legend = LegendBar()
        self._look = LookRow()
        self._look.look_changed.connect(self._show_map)
        self._look.look_changed.connect(lambda: self.look_changed.emit(self._look.opacity, self._look.smooth))
        column_of(self.grid, self._key, self._text, self._legend, self._look, parent=self._details, margins=(), spacing=6)

    def _make_off_row(self) -> NoticeRow:
        self._again = push_button(
            "Ask again", "Ask the same question with these heads switched off", self.ask_again_requested.emit, primary=True
        )
        self._reset = push_button("Reset", "Switch all heads on again", lambda: self.set_ablated(frozenset()))
        return NoticeRow([self._again, self._reset])

    def _make_patch_row(self) -> NoticeRow:
        clear = push_button("Clear", "Show the answer without these colours", self.clear_patch)
        clear.setAccessibleName("Clear the words' colours")
        return NoticeRow([clear])

    # -- the answer

    def set_answer(
        self, tokens: Sequence[AnswerToken], *, ablated: frozenset[HeadIndex] | None = None, layout: PhotoLayout | None = None,
        is_evidence: bool = False,
    ) -> None:
        """Show an answer; the word on show stays chosen where there still is one in its place.

        layout: where the cells of a pretrained model's maps lie, as soon as that is known; ablated: the heads that were off
        by hand when it was made, None leaves those chosen now as they are; is_evidence: it answers a class question, in which no
        head has a part.
        The same answer, as it grows, goes on being played and keeps its chosen patch.
        """
        goes_on = bool(tokens) and bool(self._tokens) and tokens[0] is self._tokens[0]
        if not goes_on or not isinstance(self._maps, CellMaps):
            self._maps, self._no_map = maps_of(tokens, layout), ""
            if self._maps is not None:
                self.places_changed.emit(self._maps.places, self._maps.unseen)
        self._is_evidence = is_evidence
        for part in (self.grid, self._key, self._steps.choice):
            part.setVisible(not is_evidence)
        self._tokens, self._words = tuple(tokens), answer_words(tokens)
        if self._index is not None and self._index >= len(self._words):
            self._index = None
        if not goes_on or self._index is None:
            self._stop_playing()
        if not goes_on:
            self.clear_patch()
        if ablated is not None:
            self._answered_without = ablated
            self.set_ablated(ablated)
        if self._words and self._steps.choice.set_shape(*self._words[0].tokens[0].image_mass.shape):
            self._selection = ALL_KEPT
        self._show_word()
        self._emit_word_weights()

    def clear(self) -> None:
        """No answer."""
        self._tokens, self._words, self._index, self._maps = (), [], None, None
        self._stop_playing()
        self.clear_patch()
        self._answered_without = frozenset()
        self.set_ablated(frozenset())
        self._show_word()

    def current_word(self) -> AnswerWord | None:
        return None if self._index is None else self._words[self._index]

    def map_in_words(self) -> str:
        """What the map on show is of; empty where there is none."""
        word = self.current_word()
        if word is not None and self._is_evidence:
            return EVIDENCE.format(name=bare(word.text))
        return "" if word is None else f"Where the model looked for “{bare(word.text)}” ({self._selection.in_words()})."

    def select_word(self, index: int) -> None:
        """Show the map of the word in this place, and stay there."""
        self._stop_playing()
        self._go_to(index)

    def unselect_word(self) -> None:
        """No word, and so no map."""
        self._stop_playing()
        self._index = None
        self._show_word()

    def forget_selection(self) -> None:
        """Show the map of all kept heads again."""
        self._select(ALL_KEPT)

    def step(self, steps: int) -> None:
        """Go on to a later or an earlier word, and stay there."""
        self.select_word(self._place_after(steps))

    def _place_after(self, steps: int) -> int:
        start = -1 if self._index is None else self._index
        return max(0, min(len(self._words) - 1, start + steps))

    def _go_to(self, index: int) -> None:
        if 0 <= index < len(self._words):
            self._index = index
            self._show_word()
            self.word_selected.emit(index)

    def play(self) -> None:
        """Step through the words, from the first where the last is on show."""
        if not self._words:
            return
        if self._index is None or self._index == len(self._words) - 1:
            self._go_to(0)
        self._steps.set_playing(True)
        self._timer.start()

    def _on_play_step(self) -> None:
        self._go_to(self._place_after(1))
        if self._index == len(self._words) - 1:
            self._stop_playing()

    def _stop_playing(self) -> None:
        self._timer.stop()
        self._steps.set_playing(False)

    # -- heads

    def ablated(self) -> frozenset[HeadIndex]:
        """Heads that the user switched off."""
        return self._ablated

    def set_ablated(self, ablated: frozenset[HeadIndex]) -> None:
        """Switch off these heads, and no others, for the next answer."""
        changed = ablated != self._ablated
        self._ablated = ablated
        self.grid.set_ablated(ablated)
        done = ablated == self._answered_without
        count = "All heads on" if not ablated else f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} off"
        self._off_row.show_sentence("" if done and not ablated else f"{count} in {'this' if done else 'the next'} answer")
        self._again.setEnabled(not done and bool(self._words))
        self._reset.setEnabled(bool(ablated))
        if changed:
            self.ablation_changed.emit(ablated)

    def _on_ablation_toggled(self, layer: int, head: int) -> None:
        self.set_ablated(self._ablated ^ {(layer, head)})

    def _on_head_chosen(self, head: HeadIndex) -> None:
        chosen = HeadSelection(*head)
        self._select(ALL_KEPT if chosen == self._selection else chosen)

    def _select(self, selection: HeadSelection) -> None:
        self._selection, self._no_map = selection, ""
        self._show_word()
        self._emit_word_weights()

    # -- what is shown

    def set_look(self, *, opacity: float, smooth: bool) -> None:
        """How the map covers the photo. opacity: in [0, 1]."""
        self._look.set_look(opacity=opacity, smooth=smooth)

    def _show_word(self) -> None:
        word = self.current_word()
        self._steps.setVisible(bool(self._words))
        self._details.setVisible(word is not None)
        if word is None:
            self._headline.setText(UNCHOSEN if self._words else EMPTY)
        elif self._is_evidence:
            said = EVIDENCE.format(name=bare(word.text))
            self._headline.setText(f"{said} Told apart by your photos; no head had a part in it.")
        else:
            self._headline.setText(
                f"“{bare(word.text)}” — word {word.index + 1} of {len(self._words)}, probability {word.probability:.0%}, "
                f"{word.image_mass:.0%} of the attention on the photo"
            )
        if word is not None:
            self.grid.set_grid(mass_grid(word), gate_grid(word))
            chosen = self._selection
            self.grid.set_selected(None if chosen.layer is None else (chosen.layer, chosen.head))
            self._steps.choice.show_selection(chosen)
        self._show_map()

    def _show_map(self) -> None:
        word, maps = self.current_word(), self._maps
        attention = None if word is None or maps is None else maps.of_word(word, self._selection)
        if word is None or maps is None or attention is None:
            self.heat_map_changed.emit(None, 0.0, False)
            if word is not None:
                self._want_map(word)
            return
        gate = gate_grid(word)
        # One scale for the whole answer, so that a faint word looks faint; single glaring patches don't dim all others.
        others = [found for other in self._words if (found := maps.of_word(other, self._selection)) is not None]
        scale = float(np.quantile(others, SCALE_QUANTILE))
        self._legend.set_range("0%", f"{scale:.1%} a {maps.unit}, or more")
        sentences = [
            describe_map(attention, maps.places, unit=maps.unit, what="evidence" if self._is_evidence else "attention"),
            *([] if self._is_evidence else [
                maps.elsewhere(word, self._selection), f"Kept heads: {int((gate >= 1).sum())} of {gate.size}.",
            ]),
        ]
        self._text.setText(" ".join(filter(None, sentences)))
        even = even_map(attention, maps.places, smooth=self._look.smooth)
        self.heat_map_changed.emit(heat_image(even, scale_max=scale), self._look.opacity, self._look.smooth)

    def _want_map(self, word: AnswerWord) -> None:
        """There is no map yet: say why, and have it made where that is possible."""
        if self._maps is None:
            self._text.setText("The map can be shown when the answer is complete.")
            return
        self._text.setText(self._no_map or "This head's map is being made…")
        if not self._no_map:
            self.head_maps_wanted.emit(self._maps.missing(word, self._selection))

    def add_head_maps(self, index: int, maps: HalfArray) -> None:
        """maps: [layers, heads, cells] of the answer's token in this place, as they were asked for."""
        if isinstance(self._maps, CellMaps):
            self._maps.add_heads(index, maps)
            word = self.current_word()
            if word is not None and not self._maps.missing(word, self._selection):
                self._show_map()

    def fail_head_maps(self, sentence: str) -> None:
        """Why the map of a single head can't be shown."""
        self._no_map = sentence
        self._show_map()

    def show_patch(self, row: int, column: int) -> None:
        """Tell each word's attention to a place of the photo, until `clear_patch` or another answer."""
        if self._words and self._maps is not None and row < self._maps.places.rows and column < self._maps.places.columns:
            self._patch = row, column
            self._patch_row.show_sentence(
                f"The words' colours: their attention to the {self._maps.unit} in row {row + 1}, column {column + 1}"
            )
            self._emit_word_weights()

    def clear_patch(self) -> None:
        """The words without colours."""
        if self._patch is not None:
            self._patch = None
            self._patch_row.show_sentence("")
            self.word_weights_changed.emit(None)

    def _emit_word_weights(self) -> None:
        if self._patch is not None and self._maps is not None:
            self.word_weights_changed.emit(place_weights(self._maps, self._words, *self._patch, self._selection))

