"""One score of every setting as bars, with intervals; a click on a bar asks for the captions behind it."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from spinvlm_desktop.measure.results.plot_style import RowsPlot, dress, faint, marker_lines, new_plot, series_colour
from spinvlm_desktop.measure.results.shown_reports import ShownRow
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.theme import colours

SCORES = (
    ("chair_i", "Invented objects, % of those named (CHAIR_i)"), ("chair_s", "Captions that invent, % (CHAIR_s)"),
    ("recall", "Objects found, % of those that people name (recall)"), ("cider_d", "Likeness to people's captions (CIDEr-D)"),
)
SHORT_NAMES = "K, r: heads kept · alpha: what the others count"
NAMES = (
    "K=4: of each layer's heads the four that look at the photo most are kept (r=0.95: that part of them). Alpha: what the "
    "others count, 0 nothing. Layers 0:2: only in the first two layers. Logits: ranked by scores, not by attention. Authors': "
    "as SPIN's authors published it. The table's names say what each does on this model."
)
THICKNESS = 0.66
ROW_LINES = 1.75
"""Height of a bar's row in lines of text."""
NAME_LETTERS, AXIS_MARGIN = 32, 14
"""Letters of a setting's name, and pixels beside it."""
LABEL_ROWS = 1
"""Room below the bars for the names of lines."""
LABEL_MARGIN = 1.08
"""Room right of a line for half of its name."""
NAME_WIDTH = 0.15
"""Of a line, as a part of the plot's."""
BEST_MARK = "★ "


class ScoreBars(RowsPlot):
    """Settings from top to bottom; the best one is marked with a star."""

    def __init__(self, parent: QWidget | None = None) -> None:
        plot = new_plot("Bars of one score", "A bar a setting, its 95 % interval as a line; a click shows the captions behind it")
        super().__init__(plot, parent)
        label = QLabel("&Bars")
        self.score = choice_list("Score shown as bars", SCORES, self._draw, tip="Which score is shown as bars")
        label.setBuddy(self.score)
        self.plot.getViewBox().invertY(True)
        self.plot.clicked_at.connect(self._on_clicked)
        self.choice = QWidget()
        """Which score is shown; a picture does without."""
        row_of(label, (self.score, 1), parent=self.choice, margins=())
        names = self.names = QLabel(f"{SHORT_NAMES} · F1 explains")
        names.setToolTip(NAMES)
        names.setProperty("muted", True)
        names.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a wrapping one would lie over the plot
        column_of(self.choice, (self.plot, 1), names, parent=self, margins=())

    def _draw(self) -> None:
        dress(self.plot)
        if not self._rows:
            return
        key = str(self.score.currentData())
        found = [row.row.intervals[key] for row in self._rows]
        count = 1 + max(row.number for row in self._rows)
        places, values = np.arange(len(self._rows)), np.array([score.value for score in found])
        chosen = colours()
        brushes = [self._colour(row, of=count) for row in self._rows]
        pens = [pg.mkPen(chosen.text, width=2.5) if place == self._chosen else pg.mkPen(None) for place in places]
        self.plot.addItem(pg.BarGraphItem(
            x0=0, y=places, width=values, height=THICKNESS, brushes=brushes, pens=pens,
        ))
        self.plot.addItem(pg.ErrorBarItem(
            x=values, y=places, left=values - np.array([score.low for score in found]),
            right=np.array([score.high for score in found]) - values, beam=0.25, pen=pg.mkPen(chosen.text, width=1.5),
        ))
        self._name_rows(places)
        lines = len(places) + LABEL_ROWS
        self.plot.getViewBox().setYRange(-0.6, lines - 0.6, padding=0)
        self.plot.getViewBox().setXRange(0, 1.06 * max(self._highest(key), 1.0), padding=0)
        marker_lines(
            self.plot, self._people_and_chance(key), angle=90,
            place=1 - 0.5 * LABEL_ROWS / lines, near=NAME_WIDTH * self._highest(key),
        )
        line = self.plot.fontMetrics().height()
        self.plot.setMinimumHeight(int(ROW_LINES * line * lines) + 2 * line)

    def _name_rows(self, places: NDArray[np.int_]) -> None:
        metrics = self.plot.fontMetrics()
        most = NAME_LETTERS * metrics.averageCharWidth()
        names = [
            metrics.elidedText(f"{BEST_MARK * row.best}{row.label}", Qt.TextElideMode.ElideMiddle, most) for row in self._rows
        ]
        axis = self.plot.getAxis("left")
        axis.setStyle(tickLength=0)  # they would lie in the bars
        axis.setTicks([list(zip(places, names, strict=True))])
        # Left to itself the axis finds its width at the first painting, and leaves out names that don't fit until then.
        axis.setWidth(max(metrics.horizontalAdvance(name) for name in names) + AXIS_MARGIN)

    def _highest(self, key: str) -> float:
        known = self._people_and_chance(key)
        ends = [row.row.intervals[key].high for row in self._rows]
        return max(*ends, known.get("people", 0.0), LABEL_MARGIN * known.get("chance", 0.0))

    def _colour(self, row: ShownRow, *, of: int) -> QColor:
        if row.baseline and of == 1:
            return QColor(colours().muted)
        colour = series_colour(row.number, of=of)
        return colour if row.best or row.baseline else faint(colour)

    def _on_clicked(self, place: QPointF) -> None:
        row = round(place.y())
        if 0 <= row < len(self._rows):
            self.row_chosen.emit(row)
