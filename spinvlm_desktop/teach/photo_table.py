"""A table whose rows are about photos: a small photo in the first column, texts beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.labels import plain_tip

ICON_SIDE = 48
"""Pixels."""


class PhotoTable(QTableWidget):
    """Rows are chosen whole; nothing is edited unless a table says so."""

    def __init__(self, columns: Sequence[str], accessible_name: str) -> None:
        super().__init__(0, len(columns))
        self._background = Background(self)
        self.setHorizontalHeaderLabels(list(columns))
        self.setAccessibleName(accessible_name)
        self.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ICON_SIDE + 10)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)

    def _fill_row(self, row: int, photo: QTableWidgetItem, texts: Sequence[str]) -> None:
        self.setItem(row, 0, photo)
        for column, text in enumerate(texts, start=1):
            item = QTableWidgetItem(text)
            item.setToolTip(plain_tip(text))
            self.setItem(row, column, item)
