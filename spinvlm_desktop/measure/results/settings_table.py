"""All settings with their scores, beside people and chance; a row can be chosen and opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from spinvlm_desktop.measure.results.report_file import interval_in_words
from spinvlm_desktop.measure.results.score_bars import BEST_MARK
from spinvlm_desktop.measure.results.shown_reports import ShownReport, ShownRow
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import plain_tip
from training.evaluation.report_schema import OTHER_CAPTION, SCORES, Report

HEADINGS = ("Setting", "Invented\nobjects, %", "Captions that\ninvent, %", "Objects\nfound, %", "CIDEr-D", "Words", "ms a\ntoken")
PEOPLE_SCORES = ("chair_i", "chair_s", "recall")
TIP = (
    "In brackets: where the figure would lie with other photos of the same sort (95 %). ★ is the best setting. "
    "Enter or a double click shows the captions behind a row"
)


class SettingsTable(FigureTable):
    """Rows as `shown_rows` has them, then people and chance, which can't be chosen."""

    row_chosen = Signal(int)
    row_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Settings and their scores", HEADINGS, parent)
        self.setToolTip(TIP)
        self._count = 0
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.fit_figures()
        self.horizontalHeader().setHighlightSections(False)
        self.currentCellChanged.connect(lambda row, *_: self._emit(self.row_chosen, row))
        self.itemActivated.connect(lambda item: self._emit(self.row_opened, item.row()))

    def show_reports(self, reports: Sequence[ShownReport], rows: Sequence[ShownRow]) -> None:
        self.blockSignals(True)
        self._count = len(rows)
        several = len(reports) > 1
        cells = [_cells(row) for row in rows]
        for shown in reports:
            cells += _people(shown.report, before=f"{shown.name}: " if several else "")
        self.show_rows(cells)
        for row in range(self._count, len(cells)):
            for column in range(self.columnCount()):
                item = self.item(row, column)
                if item is not None:  # pyright: ignore[reportUnnecessaryComparison]
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for place, row in enumerate(rows):
            name = self.item(place, 0)
            if row.does and name is not None:  # pyright: ignore[reportUnnecessaryComparison]
                name.setToolTip(plain_tip(f"{row.does}. {TIP}"))
        self.setColumnHidden(len(HEADINGS) - 1, all(row.row.ms_per_token is None for row in rows))
        self.blockSignals(False)

    def choose(self, row: int) -> None:
        """Select a row without a signal."""
        self.blockSignals(True)
        self.selectRow(row)
        self.blockSignals(False)

    def _emit(self, signal: object, row: int) -> None:
        if 0 <= row < self._count:
            signal.emit(row)  # type: ignore[attr-defined]


def _cells(row: ShownRow) -> tuple[str, ...]:
    measured = row.row
    scores = [interval_in_words(measured.intervals[name]) for name in SCORES]
    words = "" if measured.words is None else f"{measured.words:.1f}"
    cost = "" if measured.ms_per_token is None else f"{measured.ms_per_token:.1f}"
    return (f"{BEST_MARK * row.best}{row.label}", *scores, words, cost)


def _people(report: Report, *, before: str) -> list[tuple[str, ...]]:
    return [
        (f"{before}{name}", *(f"{values[key]:.1f}" if key in values else "" for key in PEOPLE_SCORES), "", "", "")
        for name, values in (("people", report.people), (f"{OTHER_CAPTION} (chance)", report.chance))
    ]
