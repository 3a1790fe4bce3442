"""Photos and their answers, a row as each comes."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.theme import colours

ERROR_ROLE = int(Qt.ItemDataRole.UserRole)


class ErrorDelegate(QStyledItemDelegate):
    """Draws errors in their colour; asks for the colour at each painting, so that a change of theme is followed."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex, /) -> None:
        super().initStyleOption(option, index)
        if index.data(ERROR_ROLE):
            palette: QPalette = option.palette  # type: ignore[attr-defined]  # the stubs leave it out
            palette.setColor(QPalette.ColorRole.Text, QColor(colours().error))
            option.palette = palette  # type: ignore[attr-defined]


class ResultTable(QTableWidget):
    """Follows the newest row while the last one is in view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setHorizontalHeaderLabels(["Photo", "Answer"])
        self.setAccessibleName("Answers")
        self.setToolTip("Answers as they come")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setHighlightSections(False)
        self.setColumnWidth(0, 220)
        self.setItemDelegate(ErrorDelegate(self))

    def add(self, photo: str, text: str, *, failed: bool) -> None:
        """One photo's answer, or why there is none."""
        bar = self.verticalScrollBar()
        follows = bar.value() >= bar.maximum() - 1
        row = self.rowCount()
        self.insertRow(row)
        for column, content in enumerate((photo, text)):
            item = QTableWidgetItem(" ".join(content.split()))
            item.setToolTip(plain_tip(content))
            item.setData(ERROR_ROLE, failed and column == 1)
            self.setItem(row, column, item)
        if follows:
            self.scrollToBottom()
