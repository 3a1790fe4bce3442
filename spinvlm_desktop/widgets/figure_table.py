"""A table of figures that is as high as its rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

LEAST_NAME = 8
"""Letters of a name that are seen before figures have to be scrolled to."""
PADDING, ROW_GAP = 26, 0.8
"""Pixels of a cell at both sides together; between rows, in lines of text."""
INTERVAL = " ("
"""Begins an interval, which goes below its figure where a table is narrow."""


class FigureTable(QTableWidget):
    """Names at the left, figures at the right; hidden while it has no rows. To be read only.

    Where there is too little room, intervals go below their figures, then names are shortened, then it scrolls.
    """

    def __init__(self, name: str, headings: Sequence[str], parent: QWidget | None = None) -> None:
        """name: what screen readers call it."""
        super().__init__(0, len(headings), parent)
        self._rows: Sequence[Sequence[str]] = ()
        self._even = True
        for column, heading in enumerate(headings):
            item = QTableWidgetItem(heading)
            item.setTextAlignment(_side(column))
            self.setHorizontalHeaderItem(column, item)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()

    def fit_figures(self) -> None:
        """Columns as wide as their figures; names get the rest. Else columns of figures share what names leave."""
        self._even = False

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        self._rows = rows
        self.setVisible(bool(rows))
        self.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_side(column))
                self.setItem(row, column, item)
        self._fit()

    def setColumnHidden(self, column: int, hide: bool, /) -> None:
        super().setColumnHidden(column, hide)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
            QTimer.singleShot(0, self, self._fit)  # its headings may get their font after it

    def sizeHint(self) -> QSize:
        """As wide as all of it needs."""
        seen = [column for column in range(self.columnCount()) if not self.isColumnHidden(column)]
        width = sum(self._width_of(column, broken=False) for column in seen) + 2 * self.frameWidth()
        return QSize(width, super().sizeHint().height())

    # -- room

    def _fit(self) -> None:
        if not self._rows:
            return
        seen = [column for column in range(1, self.columnCount()) if not self.isColumnHidden(column)]
        room, names = self.viewport().width(), self._width_of(0, broken=False)
        broken = names + sum(self._width_of(column, broken=False) for column in seen) > room
        widths = [self._width_of(column, broken=broken) for column in seen]
        if self._even and seen:
            widths = [width + max(0, room - names - sum(widths)) // len(seen) for width in widths]
        least = min(names, LEAST_NAME * self.fontMetrics().averageCharWidth() + PADDING)
        self.setColumnWidth(0, max(least, room - sum(widths)))
        for column, width in zip(seen, widths, strict=True):
            self.setColumnWidth(column, width)
        self._fit_rows(broken=broken, scrolls=least + sum(widths) > room)
        self.updateGeometry()

    def _width_of(self, column: int, *, broken: bool) -> int:
        """Pixels that heading and cells need. broken: with intervals below their figures."""
        texts = [text for cells in self._rows for text in cells[column : column + 1]]
        lines = [line for text in texts for line in (_broken(text).split("\n") if broken and column else [text])]
        heading = self.horizontalHeader().sectionSizeHint(column)
        return max(heading, PADDING + max(map(self.fontMetrics().horizontalAdvance, lines), default=0))

    def _fit_rows(self, *, broken: bool, scrolls: bool) -> None:
        line, height = self.fontMetrics().height(), self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth() + 4
        for row, cells in enumerate(self._rows):
            shown = [_broken(text) if broken and column else text for column, text in enumerate(cells)]
            for column, text in enumerate(shown):
                self.model().setData(self.model().index(row, column), text)
            self.setRowHeight(row, int((1 + any("\n" in text for text in shown) + ROW_GAP) * line))
            height += self.rowHeight(row)
        if self.selectionMode() == QAbstractItemView.SelectionMode.NoSelection:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if scrolls else Qt.FocusPolicy.NoFocus)  # arrow keys scroll
        self.setFixedHeight(height + scrolls * self.horizontalScrollBar().sizeHint().height())


def _broken(text: str) -> str:
    return text.replace(INTERVAL, f"\n{INTERVAL.strip()}")


def _side(column: int) -> Qt.AlignmentFlag:
    """Figures stand below the end of their heading."""
    return (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
