"""Yes/no questions about objects that are and that aren't there, by how the absent ones were chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from spinvlm_desktop.measure.results.report_file import interval_in_words
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from training.evaluation.report_schema import ALL_STRATEGIES, ProbeRow

STRATEGIES = {
    ALL_STRATEGIES: "All questions", "random": "Absent objects chosen at random", "popular": "Absent objects that are often seen",
    "adversarial": "Absent objects that often go with those in the photo",
}
HEADINGS = (
    "Setting", "Right,\n%", "F1,\n%", "Precision,\n%", "Recall,\n%", "Says yes,\n%", "Neither yes\nnor no", "Questions",
)
EXPLAINED = (
    "“Is there a dog?” asked half about objects that are in the photo and half about objects that aren't. A model that says yes "
    "to everything has a “says yes” of 100 % and half of its answers right; chance is 50 %."
)


class ProbesView(QWidget):
    """One table, of the kind of question that is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reports: Sequence[ShownReport] = ()
        explained = sentence_label("What the questions measure", EXPLAINED)
        self.strategy = choice_list(
            "Which questions", slot=self._fill, tip="How the absent objects were chosen; the last ones are the hardest"
        )
        self.table = FigureTable("Yes/no questions", HEADINGS)
        self.table.fit_figures()
        self.table.setToolTip("In brackets: where the figure would lie with other photos of the same sort (95 %)")
        column_of(explained, self.strategy, self.table, 1, parent=self)

    def show_reports(self, reports: Sequence[ShownReport]) -> None:
        """Those that have probes."""
        self._reports = [shown for shown in reports if shown.report.probe_rows]
        there = {name for shown in self._reports for row in shown.report.probe_rows for name in row.by_strategy}
        self.strategy.blockSignals(True)
        self.strategy.clear()
        for key in [*(key for key in STRATEGIES if key in there), *sorted(there - STRATEGIES.keys())]:
            self.strategy.addItem(STRATEGIES.get(key, key), key)
        self.strategy.blockSignals(False)
        self._fill()

    def _fill(self) -> None:
        key = str(self.strategy.currentData())
        several = len(self._reports) > 1
        self.table.show_rows([
            _cells(f"{shown.name}: {shown.title(row.name)}" if several else shown.title(row.name), row, key)
            for shown in self._reports for row in shown.report.probe_rows if key in row.by_strategy
        ])


def _cells(name: str, row: ProbeRow, strategy: str) -> tuple[str, ...]:
    scores = row.by_strategy[strategy]

    def shown(score: str) -> str:
        interval = row.intervals.get(score) if strategy == ALL_STRATEGIES else None
        if interval is not None:
            return interval_in_words(interval)
        return f"{scores[score]:.1f}" if score in scores else ""

    counts = (f"{scores[key]:,.0f}" if key in scores else "" for key in ("invalid", "count"))
    return (name, *(shown(score) for score in ("accuracy", "f1", "precision", "recall", "yes_rate")), *counts)
