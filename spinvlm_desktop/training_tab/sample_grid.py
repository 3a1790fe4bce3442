"""Photos with what the model says about them, and what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from core.errors import ImageError
from spinvlm_desktop.image.thumbnail import read_thumbnail
from spinvlm_desktop.labels import sentence_label

COLUMNS = 3
SIDE = 120
"""Pixels of a photo's longer side."""


class SampleGrid(QWidget):
    """A card per photo; the same photos keep their cards. Photos are read one at a time between events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)
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

    def _fill(self, samples: Sequence[Mapping[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._answers, self._unread = {}, []
        for number, sample in enumerate(samples):
            card, photo, answer = _card(sample["reference"])
            self._answers[sample["image"]] = answer
            self._unread.append((sample["image"], photo))
            self._grid.addWidget(card, number // COLUMNS, number % COLUMNS)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
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
    answer, person = sentence_label("What the model says"), sentence_label("What a person wrote")
    person.setText(f"A person: {reference}")
    person.setProperty("muted", True)
    column = QVBoxLayout(card)
    for widget in (photo, answer, person):
        column.addWidget(widget)
    column.addStretch(1)
    return card, photo, answer
