"""How answers are made: the method and what belongs to it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from core.config import GenerationConfig, MethodName
from core.errors import ConfigError
from spinvlm_desktop.widgets.labels import add_form_row, narrow_combo, wrapping_form

METHODS: tuple[tuple[MethodName, str], ...] = (
    ("greedy", "The most probable word each time (greedy)"),
    ("sampling", "Drawn by chance (sampling)"),
    ("beam", "The best of several whole answers (beam search)"),
)
MOST_TOKENS = 512


class AnswerFields(QWidget):
    """Shows the fields of the chosen method alone. What it has no field for stays as it was given."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = GenerationConfig()
        self._form = wrapping_form(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._method = narrow_combo()
        for name, text in METHODS:
            self._method.addItem(text, name)
        self._max_tokens, self._beam_width = QSpinBox(), QSpinBox()
        self._max_tokens.setRange(1, MOST_TOKENS)
        self._beam_width.setRange(1, 64)
        self._temperature, self._top_p = QDoubleSpinBox(), QDoubleSpinBox()
        self._temperature.setRange(0.05, 5)
        self._top_p.setRange(0.01, 1)
        for box in (self._temperature, self._top_p):
            box.setSingleStep(0.05)
        self._seed = QLineEdit()
        self._seed.setPlaceholderText("another one each time")
        self._add("&Method", self._method, "How the words of an answer are chosen")
        self._add("Longest answer, in &tokens", self._max_tokens,
                  "An answer ends here at the latest; a token is a word or part of one")
        self._add("T&emperature", self._temperature, "Lower is more predictable, higher more varied; 1 is as the model learnt it")
        self._add("Top-&p", self._top_p, "Only the likeliest words that together reach this probability are drawn from; 1 is all")
        self._add("&Seed", self._seed, "The same whole number gives the same answer again; empty draws another one each time")
        self._add("&Beam width", self._beam_width, "How many answers are followed at once; more is slower")
        self._sampling: tuple[QWidget, ...] = (self._temperature, self._top_p, self._seed)
        self._connect()
        self.set_generation(self._given)

    def _add(self, text: str, widget: QWidget, tip: str) -> None:
        add_form_row(self._form, text, widget, tip)

    def _connect(self) -> None:
        self._method.currentIndexChanged.connect(self._on_method_chosen)
        for signal in (self._max_tokens.valueChanged, self._beam_width.valueChanged, self._temperature.valueChanged,
                       self._top_p.valueChanged, self._seed.textChanged):
            signal.connect(lambda *_: self.edited.emit())

    def set_generation(self, generation: GenerationConfig) -> None:
        """Show these settings, clipped to what the fields can hold."""
        self._given = generation
        self._method.setCurrentIndex(self._method.findData(generation.method))
        self._max_tokens.setValue(generation.max_tokens)
        self._temperature.setValue(generation.temperature)
        self._top_p.setValue(generation.top_p)
        self._seed.setText("" if generation.seed is None else str(generation.seed))
        self._beam_width.setValue(generation.beam_width)
        self._show_method()

    def generation(self) -> GenerationConfig:
        """The settings as shown. Raises ConfigError."""
        return replace(
            self._given, method=self._method.currentData(), max_tokens=self._max_tokens.value(),
            temperature=round(self._temperature.value(), 2), top_p=round(self._top_p.value(), 2), seed=self._seed_number(),
            beam_width=self._beam_width.value(),
        )

    def _seed_number(self) -> int | None:
        text = self._seed.text().strip()
        if not text:
            return None
        if self._method.currentData() != "sampling":
            return self._given.seed if not text.isdecimal() else int(text[:19])
        if not text.isdecimal() or len(text) > 19:
            raise ConfigError(f"seed must be a whole number of at most 19 digits, got {text[:40]!r}")
        return int(text)

    def _on_method_chosen(self) -> None:
        self._show_method()
        self.edited.emit()

    def _show_method(self) -> None:
        method = self._method.currentData()
        for widget in self._sampling:
            self._form.setRowVisible(widget, method == "sampling")
        self._form.setRowVisible(self._beam_width, method == "beam")
