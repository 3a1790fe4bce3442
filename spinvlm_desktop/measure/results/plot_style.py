"""What all plots of the tab have in common: their look in both themes, and the row that is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.measure.results.shown_reports import ShownRow
from spinvlm_desktop.widgets.plot_axes import dress_axes
from spinvlm_desktop.widgets.theme import colours
from training.evaluation.report_schema import Report

HUES = 9
FAINT = 0.55
"""Opacity of what isn't best."""


class StillPlot(pg.PlotWidget):
    """Stays as it is: the wheel scrolls the page."""

    clicked_at = Signal(object)
    """QPointF in the plot's own numbers, also of places on the axes"""

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        super().mouseReleaseEvent(ev)
        if ev.button() == Qt.MouseButton.LeftButton and self.rect().contains(ev.position().toPoint()):
            self.clicked_at.emit(self.getViewBox().mapSceneToView(self.mapToScene(ev.position().toPoint())))

    def wheelEvent(self, ev: QWheelEvent) -> None:
        ev.ignore()


def new_plot(name: str, tip: str) -> StillPlot:
    """name: what screen readers call it; tip: what it shows, and what a click does."""
    plot = StillPlot()
    plot.setAccessibleName(name)
    plot.setToolTip(tip)
    plot.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(x=False, y=False)
    return plot


class RowsPlot(QWidget):
    """A plot of measured settings, one of which is chosen. A subclass draws it."""

    row_chosen = Signal(int)
    """Place among the rows, of what was clicked."""

    def __init__(self, plot: StillPlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = plot
        self._rows: Sequence[ShownRow] = ()
        self._chosen: int | None = None

    def show_rows(self, rows: Sequence[ShownRow]) -> None:
        self._rows, self._chosen = rows, None
        self._draw()

    def choose(self, row: int | None) -> None:
        """Mark a row."""
        self._chosen = row
        self._draw()

    @property
    def _report(self) -> Report:
        return self._rows[0].shown.report

    def _people_and_chance(self, key: str) -> dict[str, float]:
        """Where both are, of a single measurement: those of others lie elsewhere."""
        if self._rows[-1].number:
            return {}
        known = {"people": self._report.people, "chance": self._report.chance}
        return {name: values[key] for name, values in known.items() if key in values}

    def _draw(self) -> None:
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "plot"):
            self._draw()


def dress(plot: pg.PlotWidget) -> None:
    """The theme's colours and the window's letters; what was drawn is gone."""
    plot.clear()
    dress_axes(plot)


def series_colour(number: int, *, of: int) -> QColor:
    """Of one measurement among several; of a single one the accent."""
    return QColor(colours().link) if of == 1 else pg.intColor(number, hues=HUES, values=1, maxValue=210)


def faint(colour: QColor) -> QColor:
    found = QColor(colour)
    found.setAlphaF(FAINT)
    return found


def marker_lines(plot: pg.PlotWidget, values: Mapping[str, float], *, angle: int, place: float, near: float) -> None:
    """Dashed lines that go through the plot, with their names; lines not further than `near` apart share one label.

    angle: 0 lies, 90 stands; place: of the names along the lines, of lying ones their ends, in [0, 1].
    """
    chosen = colours()
    pen = pg.mkPen(chosen.muted, width=1.5, style=Qt.PenStyle.DashLine)
    options: dict[str, object] = {"color": chosen.muted, "position": place, "movable": False}
    if angle == 0:
        options["anchors"] = [(1, 0), (1, 1)]  # names end there, whatever their length
    for names in _together(values, near):
        for name in names:
            label = ", ".join(names) if name == names[0] else None
            plot.addItem(pg.InfiniteLine(values[name], angle=angle, pen=pen, label=label, labelOpts=options))


def _together(values: Mapping[str, float], near: float) -> list[list[str]]:
    """The names, by value; in one group those that begin not further than `near` after its first."""
    groups: list[list[str]] = []
    for name in sorted(values, key=values.__getitem__):
        if groups and values[name] - values[groups[-1][0]] <= near:
            groups[-1].append(name)
        else:
            groups.append([name])
    return groups
