"""What the model said of the user's photos before it was taught, and what it says now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QTableWidgetItem

from spinvlm_desktop.image.thumbnail import read_small
from spinvlm_desktop.teach.photo_table import ICON_SIDE, PhotoTable
from spinvlm_desktop.widgets.labels import plain_tip

if TYPE_CHECKING:
    from training.teaching.report import ShownAnswer

COLUMNS = ("Photo", "Question", "Right answer", "Before", "Now")
BEFORE, NOW = COLUMNS.index("Before"), COLUMNS.index("Now")
MOST_ROWS = 200
RIGHT, WRONG = "✓ ", "✗ "


class AnswersTable(PhotoTable):
    """A row for each question, those about photos that were kept back first. To be read only."""

    def __init__(self) -> None:
        super().__init__(COLUMNS, "Answers about your photos, before and now")

    def show_answers(self, answers: Sequence[ShownAnswer]) -> None:
        """Photos come as soon as they are read."""
        self._background.forget()
        shown = sorted(answers, key=lambda answer: answer.taught)[:MOST_ROWS]
        self.setRowCount(len(shown))
        for row, answer in enumerate(shown):
            where = "shown to it" if answer.taught else "kept back"
            photo = QTableWidgetItem(where)
            photo.setToolTip(plain_tip(answer.image))
            before = f"{RIGHT if answer.was_right else WRONG}{answer.before or 'no answer'}"
            now = f"{RIGHT if answer.is_right else WRONG}{answer.after or 'no answer'}"
            self._fill_row(row, photo, (answer.question, answer.right, before, now))
            self._read(photo, Path(answer.image))

    def rows(self) -> list[tuple[str, ...]]:
        """What is written in each."""
        cells = [[self.item(row, column) for column in range(len(COLUMNS))] for row in range(self.rowCount())]
        return [tuple("" if cell is None else cell.text() for cell in row) for row in cells]  # pyright: ignore[reportUnnecessaryComparison]

    def _read(self, item: QTableWidgetItem, photo: Path) -> None:
        ratio = self.devicePixelRatioF()
        self._background.do(
            lambda: read_small(photo, ICON_SIDE, ratio=ratio),
            lambda small: item.setIcon(QIcon(QPixmap.fromImage(small))),
            lambda sentence: item.setData(Qt.ItemDataRole.ToolTipRole, plain_tip(sentence)),
        )
