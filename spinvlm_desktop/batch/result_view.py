"""Gallery and table of the same photos, and what chooses which of them are shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from spinvlm_desktop.batch.batch_request import photos_in_words
from spinvlm_desktop.batch.result_filter import KINDS, ResultFilter
from spinvlm_desktop.batch.result_gallery import ResultGallery
from spinvlm_desktop.batch.result_model import ANSWER, CERTAINTY, PHOTO, PHOTO_ROLE, PhotoResults
from spinvlm_desktop.batch.result_table import ResultTable
from spinvlm_desktop.widgets.labels import make_narrow, shortened
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.splitter import ResettingSplitter

ORDERS = (("As in the folder", PHOTO), ("By answer", ANSWER), ("Least certain first", CERTAINTY))
LONGEST_ANSWER = 40
SEARCH_PAUSE_MS = 150
GALLERY_SHARE = 0.56


class ResultView(QWidget):
    """What is chosen in one is chosen in the other; a double click or Enter wants a photo opened."""

    photo_wanted = Signal(object)
    """Path"""
    chosen_changed = Signal()

    def __init__(self, results: PhotoResults, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = ResultFilter(results, self)
        self.gallery, self.table = ResultGallery(), ResultTable()
        for view in (self.gallery, self.table):
            view.setModel(self.filter)
            view.installEventFilter(self)
        self.gallery.setModelColumn(ANSWER)
        self.gallery.doubleClicked.connect(self._open)
        self.table.doubleClicked.connect(self._on_table_double_click)
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicatorClearable(False)
        self.table.fit_columns()
        self.gallery.setSelectionModel(self.table.selectionModel())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.chosen_changed.emit())
        split = ResettingSplitter(Qt.Orientation.Horizontal, _gallery_and_table)
        split.addWidget(self.gallery)
        split.addWidget(self.table)
        split.setSizes([560, 440])
        column_of(self._choosing_row(), (split, 1), parent=self, margins=())
        self._refreshing = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._refreshing.timeout.connect(self._refresh)
        results.dataChanged.connect(lambda *_: self._refresh_soon())
        results.modelReset.connect(self._refresh)
        self.filter.rowsInserted.connect(lambda *_: self._refresh_soon())
        self.filter.rowsRemoved.connect(lambda *_: self._refresh_soon())
        self.filter.layoutChanged.connect(lambda *_: self._refresh_soon())
        self._refresh()
        self.table.sortByColumn(PHOTO, Qt.SortOrder.AscendingOrder)

    def _choosing_row(self) -> QHBoxLayout:
        self._kinds = make_narrow(QComboBox())
        self._kinds.setAccessibleName("Photos to show")
        self._kinds.setToolTip("Which photos are shown: by what came of them, or by their answer")
        self._kinds.activated.connect(self._on_kind)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search: dog water")
        self._search.setAccessibleName("Search the answers")
        self._search.setToolTip("Words that are all in the answer or in the photo's name")
        self._search.setClearButtonEnabled(True)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(lambda: self.filter.search(self._search.text()))
        self._search.textChanged.connect(lambda _text: self._pause.start())
        self._order = QComboBox()
        self._order.setAccessibleName("Order")
        self._order.setToolTip("The order in which photos are shown; a click on a column's title does the same")
        for text, column in ORDERS:
            self._order.addItem(text, column)
        self._order.activated.connect(
            lambda row: self.table.sortByColumn(self._order.itemData(row), Qt.SortOrder.AscendingOrder)
        )
        self.table.horizontalHeader().sortIndicatorChanged.connect(lambda column, _order: self._order.setCurrentIndex(column))
        self._number = QLabel()
        self._number.setProperty("muted", True)
        self._number.setAccessibleName("Photos shown")
        return row_of((self._kinds, 2), (self._search, 3), self._order, self._number)

    def chosen(self) -> list[Path]:
        """Photos that are selected, in the order in which they are shown."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedIndexes()})
        return [self.filter.index(row, 0).data(PHOTO_ROLE) for row in rows]

    def eventFilter(self, watched: object, event: object) -> bool:
        """Enter opens; while an answer is typed it belongs to the editor."""
        if not isinstance(event, QKeyEvent) or event.type() != QKeyEvent.Type.KeyPress:
            return False
        if watched in (self.gallery, self.table) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for photo in self.chosen()[:1]:
                self.photo_wanted.emit(photo)
            return True
        return False

    def _on_table_double_click(self, index: QModelIndex) -> None:
        """Elsewhere than on an answer, which is corrected."""
        if index.column() != ANSWER:
            self._open(index)

    def _open(self, index: QModelIndex) -> None:
        self.photo_wanted.emit(index.data(PHOTO_ROLE))

    def _on_kind(self, row: int) -> None:
        kind, answer = self._kinds.itemData(row)
        if answer is None:
            self.filter.show_kind(kind)
        else:
            self.filter.show_answer(answer)

    def _refresh_soon(self) -> None:
        if not self._refreshing.isActive():
            self._refreshing.start()

    def _refresh(self) -> None:
        """The answers to choose from, and how many photos are shown."""
        self._number.setText(photos_in_words(self.filter.rowCount()))
        self.table.setColumnHidden(CERTAINTY, not self.filter.has_certainties())
        wanted: list[tuple[str, tuple[str, str | None]]] = [(words, (kind, None)) for kind, words in KINDS]
        wanted += [(f"“{shortened(text, LONGEST_ANSWER)}” ({number:,})", ("", text)) for text, number in self.filter.answers()]
        if [text for text, _ in wanted] == [self._kinds.itemText(row) for row in range(self._kinds.count())]:
            return
        before = self._kinds.currentData() or wanted[0][1]
        self._kinds.clear()
        for text, data in wanted:
            self._kinds.addItem(text, data)
        data = [data for _, data in wanted]
        self._kinds.setCurrentIndex(data.index(before) if before in data else 0)
        if before not in data:
            self.filter.show_kind(wanted[0][1][0])


def _gallery_and_table(width: int) -> tuple[int, int]:
    gallery = round(GALLERY_SHARE * width)
    return gallery, width - gallery
