"""Models worth getting and models that are here, in a table that is sorted and searched."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from spinvlm_desktop.models.model_rows import ModelRow, format_size
from spinvlm_desktop.widgets.labels import plain_tip

COLUMNS = ("Model", "Good for", "Licence", "Download", "Memory", "An answer here", "Here")
NAME, GOOD_FOR, LICENCE, SIZE, MEMORY, SECONDS, HERE = range(len(COLUMNS))
PADDING = 14
"""Pixels of a row above and below its text together."""
WIDTHS = {NAME: 54, GOOD_FOR: 40, LICENCE: 20, SIZE: 15, MEMORY: 12, SECONDS: 17}
"""In letters."""
STATES = {"": "no", "yes": "yes", "shared": "shared with other programs"}
MEASURING = "…"


class SortedItem(QTableWidgetItem):
    """Sorted by a number or a text of its own; an empty number comes last."""

    def __init__(self, text: str, value: float | str) -> None:
        super().__init__(text)
        self._value = value
        self.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.setToolTip(plain_tip(text))
        if not isinstance(value, str):
            self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        assert isinstance(other, SortedItem)
        if isinstance(self._value, str) or isinstance(other._value, str):
            return str(self._value) < str(other._value)
        return self._value < other._value


class ModelTable(QTableWidget):
    """One model a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, len(COLUMNS), parent)
        self._rows: dict[str, ModelRow] = {}
        self._searched = ""
        self.setHorizontalHeaderLabels(list(COLUMNS))
        self.setAccessibleName("Models")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        self._fit_font()
        header.setSortIndicator(SIZE, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def _fit_font(self) -> None:
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(metrics.height() + PADDING)
        for column, letters in WIDTHS.items():
            self.setColumnWidth(column, letters * metrics.averageCharWidth())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_font()

    def show_rows(self, rows: Sequence[ModelRow], *, measuring: bool) -> None:
        """measuring: how long an answer takes here will be known soon. The same model stays chosen."""
        chosen = self.chosen()
        self._rows = {row.name: row for row in rows}
        self.setSortingEnabled(False)
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            for column, item in enumerate(_items(row, measuring=measuring)):
                self.setItem(place, column, item)
        self.setSortingEnabled(True)
        self.search(self._searched)
        names = [self._name_at(place) for place in range(self.rowCount())]
        wanted = chosen.name if chosen is not None else next((row.name for row in rows if row.is_proposed), "")
        if wanted in names:
            self.selectRow(names.index(wanted))

    def search(self, words: str) -> None:
        """Show the models of which a row has each of these words."""
        self._searched = words
        wanted = words.casefold().split()
        for place in range(self.rowCount()):
            items = (self.item(place, column) for column in range(self.columnCount()))
            text = " ".join(item.text() for item in items if item is not None).casefold()
            self.setRowHidden(place, not all(word in text for word in wanted))

    def chosen(self) -> ModelRow | None:
        """The selected model, unless the search hides it."""
        place = self.currentRow()
        if place < 0 or self.isRowHidden(place) or not self.selectedItems():
            return None
        return self._rows.get(self._name_at(place))

    def _name_at(self, place: int) -> str:
        item = self.item(place, NAME)
        return "" if item is None else str(item.data(Qt.ItemDataRole.UserRole))


def _items(row: ModelRow, *, measuring: bool) -> list[QTableWidgetItem]:
    known, takes = row.known, row.seconds
    name = SortedItem(f"{row.name} (proposed)" if row.is_proposed else row.name, row.name.casefold())
    name.setData(Qt.ItemDataRole.UserRole, row.name)
    licence = "" if known is None else known.licence + ("" if known.licence_is_verified else " (?)")
    size = format_size(row.size) + (" (?)" if known is not None and not known.size_is_verified and not row.path else "")
    time = f"about {_in_words(takes)}" if takes is not None else MEASURING if measuring and known is not None else ""
    state = STATES.get(row.here, f"{row.here} downloaded")
    good_for, memory = "" if known is None else known.good_for, row.memory
    return [
        name, SortedItem(good_for, good_for.casefold()), SortedItem(licence, licence.casefold()),
        SortedItem(size if row.size else "", float(row.size or 1e18)),
        SortedItem("" if memory is None else format_size(memory), 1e18 if memory is None else float(memory)),
        SortedItem(time, 1e18 if takes is None else takes), SortedItem(state, state),
    ]


def _in_words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
