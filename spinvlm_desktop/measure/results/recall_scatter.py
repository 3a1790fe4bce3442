"""What is invented against what is found: a point a setting, the Pareto front through those that no other one beats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget

from spinvlm_desktop.measure.results.plot_style import RowsPlot, dress, faint, marker_lines, new_plot, series_colour
from spinvlm_desktop.measure.results.shown_reports import ShownRow
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of
from spinvlm_desktop.widgets.theme import colours
from training.evaluation.metrics.pareto import pareto_front

KEY = "Right and low is good. Square: SPIN off; star: the best setting; the line joins settings that no other one beats in both."
NAME_HEIGHT = 0.09
"""Of a line, as a part of the plot's."""
PLOT_LINES, KEY_LINES = 15, 3
"""Least heights in lines of text; the key needs as many where the plot is narrow."""


def _marked(item: tuple[tuple[float, float], int, ShownRow]) -> tuple[bool, bool]:
    """Sorts marked points last, so that they lie above the others."""
    return item[2].best, item[2].baseline


class RecallScatter(RowsPlot):
    """A point is a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        plot = new_plot("Invented against found", "A point a setting, with 95 % intervals; a click shows its captions")
        super().__init__(plot, parent)
        self.plot.setLabel("bottom", "objects found, %")
        self.plot.setLabel("left", "invented objects, %")
        self._key = sentence_label("Key of the plot", KEY, muted=True)
        column_of((self.plot, 1), self._key, parent=self, margins=())

    def _draw(self) -> None:
        dress(self.plot)
        line = QFontMetrics(QApplication.font()).height()
        self.plot.setMinimumHeight(PLOT_LINES * line)
        self._key.setMinimumHeight(KEY_LINES * line)
        if not self._rows:
            return
        numbers = sorted({row.number for row in self._rows})
        for number in numbers:
            self._draw_series([place for place, row in enumerate(self._rows) if row.number == number], of=len(numbers))
        lines = self._people_and_chance("chair_i")
        marker_lines(self.plot, lines, angle=0, place=0.98, near=NAME_HEIGHT * self._most_invented())
        self._fit()

    def _draw_series(self, places: Sequence[int], *, of: int) -> None:
        chosen = colours()
        rows = [self._rows[place] for place in places]
        found, invented = ([row.row.intervals[key] for row in rows] for key in ("recall", "chair_i"))
        points = [(x.value, y.value) for x, y in zip(found, invented, strict=True)]
        colour = series_colour(rows[0].number, of=of)
        self.plot.addItem(pg.ErrorBarItem(
            x=np.array([x.value for x in found]), y=np.array([y.value for y in invented]),
            left=np.array([x.value - x.low for x in found]), right=np.array([x.high - x.value for x in found]),
            bottom=np.array([y.value - y.low for y in invented]), top=np.array([y.high - y.value for y in invented]),
            pen=pg.mkPen(faint(colour), width=1),
        ))
        front = sorted(points[place] for place in pareto_front(points))
        self.plot.plot([x for x, _ in front], [y for _, y in front], pen=pg.mkPen(colour, width=2))
        dots = pg.ScatterPlotItem(hoverable=True, tip=self._tip)
        dots.addPoints([
            {"pos": point, "data": place, "symbol": "star" if row.best else "s" if row.baseline else "o",
             "size": 18 if row.best else 12, "brush": pg.mkBrush(colour),
             "pen": pg.mkPen(chosen.text, width=2.5 if place == self._chosen else 1)}
            for point, place, row in sorted(zip(points, places, rows, strict=True), key=_marked)
        ])
        dots.sigClicked.connect(lambda _item, clicked, _event: self.row_chosen.emit(int(clicked[0].data())))
        self.plot.addItem(dots)

    def _tip(self, x: float, y: float, data: int) -> str:
        row = self._rows[data]
        return "\n".join(filter(None, (row.label, row.does, f"found {x:.1f} %, invented {y:.1f} %")))

    def _fit(self) -> None:
        """All intervals, and from zero: half of a scale makes little things large."""
        found = [row.row.intervals["recall"] for row in self._rows]
        self.plot.getViewBox().setXRange(0, 1.08 * max(1.0, *(x.high for x in found)), padding=0.0)
        self.plot.getViewBox().setYRange(0, 1.08 * self._most_invented(), padding=0)

    def _most_invented(self) -> float:
        chance = self._report.chance.get("chair_i", 0.0)
        return max(1.0, chance, *(row.row.intervals["chair_i"].high for row in self._rows))
