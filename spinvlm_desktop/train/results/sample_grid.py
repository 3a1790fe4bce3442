"""Photos with what the model says about them, and what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from core.errors import ImageError
from spinvlm_desktop.image.thumbnail import read_thumbnail
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of

COLUMNS, CARD_LETTERS = 3, 16
"""Cards side by side at most, and the width that a card needs at least, in letters."""
SIDE = 120
"""Pixels of a photo's longer side."""


class SampleGrid(QWidget):
    """A card per photo; the same photos keep their cards. Photos are read one at a time between events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._cards: list[QFrame] = []
        self._columns = COLUMNS
        self._answers: dict[str, QLabel] = {}
        self._unread: list[tuple[str, QLabel]] = []
        self._reading = QTimer(self, interval=0)
        self._reading.timeout.connect(self._on_time_to_read)
        self.setAccessibleName("Photos with what the model says about them")

    def show_samples(self, samples: Sequence[Mapping[str, str]]) -> None:
        """image, answer and reference of each."""
        if [sample["image"] for sample in samples] != list(self._answers):
            self._fill(samples)
        for sample in samples:
            self._answers[sample["image"]].setText(sample["answer"] or "(nothing)")

    def answers(self) -> list[str]:
        """What is shown that the model says."""
        return [label.text() for label in self._answers.values()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = max(SIDE + 24, CARD_LETTERS * self.fontMetrics().averageCharWidth())
        columns = max(1, min(COLUMNS, self.width() // (needed + self._grid.horizontalSpacing())))
        if columns != self._columns:
            self._columns = columns
            self._place()

    def minimumSizeHint(self) -> QSize:
        """One card beside no other."""
        return QSize(SIDE + 24, super().minimumSizeHint().height())

    def _place(self) -> None:
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // self._columns, number % self._columns)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, int(column < self._columns))

    def _fill(self, samples: Sequence[Mapping[str, str]]) -> None:
        for old in self._cards:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._cards, self._answers, self._unread = [], {}, []
        for sample in samples:
            card, photo, answer = _card(sample["reference"])
            self._answers[sample["image"]] = answer
            self._unread.append((sample["image"], photo))
            self._cards.append(card)
        self._place()
        self._reading.start()

    def _on_time_to_read(self) -> None:
        if not self._unread:
            self._reading.stop()
            return
        path, photo = self._unread.pop(0)
        try:
            photo.setPixmap(read_thumbnail(Path(path), SIDE, ratio=self.devicePixelRatioF()))
        except ImageError:
            photo.setText("The photo can't be read")


def _card(reference: str) -> tuple[QFrame, QLabel, QLabel]:
    """The card, and the labels that its photo and the model's answer belong into."""
    card, photo = QFrame(), QLabel()
    card.setProperty("card", True)
    photo.setFixedHeight(SIDE)
    photo.setAlignment(Qt.AlignmentFlag.AlignCenter)
    answer = sentence_label("What the model says")
    column_of(photo, answer, sentence_label("What a person wrote", f"A person: {reference}", muted=True), 1, parent=card)
    return card, photo, answer
