"""Everything about where one answer's heads looked, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.answers import AnswerToken, HeadIndex
from spinvlm_desktop.answer_words import AnswerWord, answer_words
from spinvlm_desktop.attention.colour_map import LegendBar, heat_image
from spinvlm_desktop.attention.head_grid import HeadGrid
from spinvlm_desktop.attention.head_maps import (
    ALL_KEPT,
    HeadSelection,
    class_share,
    describe_map,
    gate_grid,
    mass_grid,
    patch_weights,
    word_map,
)

PLAY_INTERVAL = 700
"""Milliseconds a word."""
EMPTY = "Ask a question, then click a word of the answer to see where the model looked."
STARTING_OPACITY = 70
SCALE_QUANTILE = 0.99
"""Part of all patches, of all words, that lie within the colours' range."""


class AttentionPanel(QWidget):
    """Words are known by their place in the answer."""

    heat_map_changed = Signal(object, float, bool)
    """QImage of one pixel a patch, or None; opacity; whether it is to be smoothed"""
    word_selected = Signal(int)
    word_weights_changed = Signal(object)
    """list[float] of each word's attention to a patch, or None"""
    ablation_changed = Signal(object)
    """frozenset[(layer, head)]"""
    ask_again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: list[AnswerWord] = []
        self._index: int | None = None
        self._selection = ALL_KEPT
        self._ablated: frozenset[HeadIndex] = frozenset()
        self._timer = QTimer(self, interval=PLAY_INTERVAL)
        self._timer.timeout.connect(self._on_play_step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(6)
        self._headline = QLabel(EMPTY)
        self._headline.setTextFormat(Qt.TextFormat.PlainText)
        self._headline.setWordWrap(True)
        layout.addWidget(self._headline)
        self._details = QWidget()
        layout.addWidget(self._details)
        layout.addStretch(1)
        self._fill_details()
        self._details.hide()

    def _fill_details(self) -> None:
        column = QVBoxLayout(self._details)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._step_row())
        self._grid = HeadGrid()
        self._grid.head_chosen.connect(self._on_head_chosen)
        self._grid.ablation_toggled.connect(self._on_ablation_toggled)
        column.addWidget(self._grid)
        key = QLabel("Number and colour: a head's attention on the photo in %. Hatched: suppressed. Ctrl+click: switch off.")
        key.setProperty("muted", True)
        key.setWordWrap(True)
        column.addWidget(key)
        self._off_row = QWidget()
        off = QHBoxLayout(self._off_row)
        off.setContentsMargins(0, 0, 0, 0)
        self._off_label = QLabel()
        again = QPushButton("Ask again")
        again.setToolTip("Ask the same question with these heads switched off")
        again.setProperty("primary", True)
        again.clicked.connect(self.ask_again_requested)
        reset = QPushButton("Reset")
        reset.setToolTip("Switch all heads on again")
        reset.clicked.connect(lambda: self._set_ablated(frozenset()))
        off.addWidget(self._off_label, 1)
        off.addWidget(again)
        off.addWidget(reset)
        self._off_row.hide()
        column.addWidget(self._off_row)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setAccessibleName("The map in words")
        column.addWidget(self._text)
        self._legend = LegendBar()
        self._legend.setToolTip("Colours of the map over the photo: attention on one patch")
        column.addWidget(self._legend)
        column.addLayout(self._look_row())

    def _step_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for text, tip, step in (("‹", "Previous word (Alt+Left)", -1), ("›", "Next word (Alt+Right)", 1)):
            button = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked=False, step=step: self.step(step))
            row.addWidget(button)
        self._play = QToolButton()
        self._play.setText("Play")
        self._play.setToolTip("Step through the answer's words")
        self._play.clicked.connect(lambda: self._stop_playing() if self._timer.isActive() else self.play())
        row.addWidget(self._play)
        self._choice = QComboBox()
        self._choice.setAccessibleName("Whose map is shown")
        self._choice.setToolTip("Whose map is shown over the photo")
        self._choice.activated.connect(lambda row: self._select(self._choice.itemData(row)))
        row.addWidget(self._choice, 1)
        return row

    def _look_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        label = QLabel("&Opacity")
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(STARTING_OPACITY)
        self._opacity.setAccessibleName("Opacity of the map")
        self._opacity.setToolTip("How much the map covers the photo")
        self._opacity.valueChanged.connect(self._show_map)
        label.setBuddy(self._opacity)
        self._smooth = QCheckBox("&Smooth")
        self._smooth.setToolTip("Smooth between patches; off shows the patches as they are")
        self._smooth.toggled.connect(self._show_map)
        row.addWidget(label)
        row.addWidget(self._opacity, 1)
        row.addWidget(self._smooth)
        return row

    # -- the answer

    def set_answer(self, tokens: Sequence[AnswerToken]) -> None:
        """Show an answer; the word on show stays chosen where there still is one in its place."""
        self._words = answer_words(tokens)
        self._stop_playing()
        if self._index is not None and self._index >= len(self._words):
            self._index = None
        self._fill_choice()
        self._show_word()

    def clear(self) -> None:
        """No answer."""
        self._words, self._index = [], None
        self._stop_playing()
        self._set_ablated(frozenset())
        self._show_word()

    def current_word(self) -> AnswerWord | None:
        return None if self._index is None else self._words[self._index]

    def select_word(self, index: int) -> None:
        """Show the map of the word in this place."""
        if 0 <= index < len(self._words):
            self._index = index
            self._show_word()
            self.word_selected.emit(index)

    def step(self, steps: int) -> None:
        """Go on to a later or an earlier word."""
        start = -1 if self._index is None else self._index
        self.select_word(max(0, min(len(self._words) - 1, start + steps)))

    def play(self) -> None:
        """Step through the words, from the first where the last is on show."""
        if not self._words:
            return
        if self._index is None or self._index == len(self._words) - 1:
            self.select_word(0)
        self._play.setText("Pause")
        self._timer.start()

    def _on_play_step(self) -> None:
        self.step(1)
        if self._index == len(self._words) - 1:
            self._stop_playing()

    def _stop_playing(self) -> None:
        self._timer.stop()
        self._play.setText("Play")

    # -- heads

    def ablated(self) -> frozenset[HeadIndex]:
        """Heads that the user switched off."""
        return self._ablated

    def _set_ablated(self, ablated: frozenset[HeadIndex]) -> None:
        if ablated != self._ablated:
            self._ablated = ablated
            self.ablation_changed.emit(ablated)
        self._grid.set_ablated(ablated)
        self._off_row.setVisible(bool(ablated))
        self._off_label.setText(f"{len(ablated)} {'head' if len(ablated) == 1 else 'heads'} switched off")

    def _on_ablation_toggled(self, layer: int, head: int) -> None:
        self._set_ablated(self._ablated ^ {(layer, head)})

    def _on_head_chosen(self, head: HeadIndex) -> None:
        chosen = HeadSelection(*head)
        self._select(ALL_KEPT if chosen == self._selection else chosen)

    def _select(self, selection: HeadSelection) -> None:
        self._selection = selection
        self._choice.setCurrentIndex(next(i for i in range(self._choice.count()) if self._choice.itemData(i) == selection))
        self._show_word()

    def _fill_choice(self) -> None:
        if not self._words:
            return
        layers, heads = self._words[0].tokens[0].image_mass.shape
        if self._choice.count() != 1 + layers + layers * heads:
            self._selection = ALL_KEPT
            self._choice.clear()
            self._choice.addItem("Kept heads, mean", ALL_KEPT)
            for layer in range(layers):
                self._choice.addItem(f"Layer {layer + 1}, kept heads", HeadSelection(layer))
            for layer in range(layers):
                for head in range(heads):
                    self._choice.addItem(f"Layer {layer + 1}, head {head + 1}", HeadSelection(layer, head))

    # -- what is shown

    def _show_word(self) -> None:
        word = self.current_word()
        self._details.setVisible(bool(self._words))
        if not self._words:
            self._headline.setText(EMPTY)
        elif word is None:
            self._headline.setText("Click a word of the answer to see where the model looked.")
        else:
            self._headline.setText(
                f"“{word.text}” — word {word.index + 1} of {len(self._words)}, probability {word.probability:.0%}, "
                f"{word.image_mass:.0%} of the attention on the photo"
            )
            gate = gate_grid(word)
            self._grid.set_grid(mass_grid(word), gate)
            chosen = self._selection
            self._grid.set_selected(None if chosen.layer is None else (chosen.layer, chosen.head))
        self._show_map()

    def _show_map(self) -> None:
        word = self.current_word()
        if word is None:
            self.heat_map_changed.emit(None, 0.0, False)
            return
        attention, gate = word_map(word, self._selection), gate_grid(word)
        # One scale for the whole answer, so that a faint word looks faint; single glaring patches don't dim all others.
        scale = float(np.quantile([word_map(other, self._selection) for other in self._words], SCALE_QUANTILE))
        self._legend.set_range("0 %", f"{scale:.1%} a patch, or more")
        self._text.setText(
            f"{describe_map(attention)} The class token, which has no place, takes {class_share(word, self._selection):.0%}. "
            f"Heads kept: {int((gate >= 1).sum())} of {gate.size}."
        )
        image = heat_image(attention, scale_max=scale)
        self.heat_map_changed.emit(image, self._opacity.value() / 100, self._smooth.isChecked())

    def show_patch(self, row: int, column: int) -> None:
        """Tell each word's attention to a patch of the photo."""
        if self._words:
            self.word_weights_changed.emit(patch_weights(self._words, row, column, self._selection))

    def clear_patch(self) -> None:
        self.word_weights_changed.emit(None)
