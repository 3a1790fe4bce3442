"""Whether attention falls into the boxes of what the words name: heads kept and suppressed beside chance, and every head."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidgetItem, QWidget

from spinvlm_desktop.attention.colour_map import colour_of, text_on
from spinvlm_desktop.measure.results.report_file import interval_in_words
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.report_schema import Numbers, Pointing

GROUPS = {"all_heads": "all heads", "kept": "heads that SPIN keeps", "suppressed": "heads that SPIN suppresses",
          "overlay": "the map in the chat, mean of all heads", "shuffled": "all heads, shown another photo"}
SCORES = (("hit", "Each head: strongest patch in the box, %"), ("mass", "Each head: attention in the box, %"))
EXPLAINED = (
    "For {words:,} words whose object has a box in the photo: how often the strongest patch of the attention lies in that box, "
    "and what share of the attention does. By chance it would be the box's share of the photo."
)


def in_words(score: Interval | None) -> str:
    return "" if score is None else interval_in_words(score)


class PointingView(QWidget):
    """Of the first of several measurements that has it, the grid; of all, the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heads: tuple[tuple[Numbers, ...], ...] = ()
        self._explained = sentence_label("What pointing measures")
        self.table = FigureTable("Pointing", ("Attention of", "Strongest patch\nin the box, %", "Attention\nin the box, %"))
        self.score = choice_list("Score of each head", SCORES, self._fill_grid, tip="What the grid of heads shows")
        self.grid = FigureTable("Every head", ())
        self.grid.setToolTip("A row a layer, a column a head; bright is much")
        column_of(self._explained, self.table, self.score, self.grid, 1, parent=self)

    def show_reports(self, reports: Sequence[ShownReport]) -> None:
        """Those that have pointing."""
        found = [(shown.name, shown.report.pointing) for shown in reports if shown.report.pointing is not None]
        if not found:
            return
        rows: list[tuple[str, ...]] = []
        for name, pointing in found:
            rows += _rows(f"{name}: " if len(found) > 1 else "", pointing)
        self._explained.setText(EXPLAINED.format(words=found[0][1].words))
        self.table.show_rows(rows)
        self._heads = found[0][1].heads
        self._fill_grid()

    def _fill_grid(self) -> None:
        key = str(self.score.currentData())
        heads = len(self._heads[0]) if self._heads else 0
        self.grid.setColumnCount(heads + 1)
        self.grid.setHorizontalHeaderLabels(["", *(f"Head {number + 1}" for number in range(heads))])
        self.grid.show_rows([
            (f"Layer {number + 1}", *(f"{head.get(key, 0.0):.0f}" for head in layer)) for number, layer in enumerate(self._heads)
        ])
        highest = max((head.get(key, 0.0) for layer in self._heads for head in layer), default=0.0)
        for row, layer in enumerate(self._heads):
            for column, head in enumerate(layer):
                item = self.grid.item(row, column + 1)
                if item is not None:  # pyright: ignore[reportUnnecessaryComparison]
                    _paint(item, head.get(key, 0.0) / max(highest, 1e-9))


def _paint(item: QTableWidgetItem, part: float) -> None:
    colour = colour_of(part)
    item.setBackground(colour)
    item.setForeground(text_on(colour))
    item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)


def _rows(before: str, pointing: Pointing) -> list[tuple[str, ...]]:
    rows = [
        (f"{before}{text}", in_words(pointing.groups[name].get("hit")), in_words(pointing.groups[name].get("mass")))
        for name, text in GROUPS.items() if name in pointing.groups
    ]
    chance = pointing.chance
    return [*rows, (f"{before}chance", *(f"{chance[name]:.1f}" if name in chance else "" for name in ("hit", "mass")))]
