"""Photos with what the model answers about them by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from spinvlm_desktop.labels import plain_tip

COLUMNS = 3
SIDE = 120
"""Pixels of a photo's longer side."""


class SampleGrid(QWidget):
    """A card per photo; the same photos keep their cards."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._answers: dict[str, QLabel] = {}
        self.setAccessibleName("What the model answers by now")

    def show_samples(self, samples: Sequence[Mapping[str, str]]) -> None:
        """image, question, answer, reference of each."""
        if [sample["image"] for sample in samples] != list(self._answers):
            self._fill(samples)
        for sample in samples:
            self._answers[sample["image"]].setText(sample["answer"] or "(nothing)")

    def _fill(self, samples: Sequence[Mapping[str, str]]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._answers = {}
        for number, sample in enumerate(samples):
            card = QFrame()
            card.setProperty("card", True)
            column = QVBoxLayout(card)
            photo, answer = QLabel(), QLabel()
            pixels = QPixmap(sample["image"])
            if pixels.isNull():
                photo.setText("The photo can't be read")
            else:
                photo.setPixmap(pixels.scaled(
                    SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                ))
            answer.setTextFormat(Qt.TextFormat.PlainText)
            answer.setWordWrap(True)
            answer.setToolTip(plain_tip(f"A person wrote: {sample['reference']}"))
            answer.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(photo, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(answer, 1)
            self._answers[sample["image"]] = answer
            self._grid.addWidget(card, number // COLUMNS, number % COLUMNS)
        self._grid.setRowStretch(len(samples) // COLUMNS + 1, 1)
