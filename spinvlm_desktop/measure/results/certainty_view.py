"""How far a model's certainty can be trusted: right answers against answers given, and figures for each kind of question."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget

from spinvlm_desktop.measure.results.plot_style import dress, new_plot, series_colour
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.figure_table import FigureTable
from spinvlm_desktop.widgets.help.help_mark import HelpMark
from spinvlm_desktop.widgets.help.help_topics import CERTAINTY
from spinvlm_desktop.widgets.labels import sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from spinvlm_desktop.widgets.theme import colours
from training.evaluation.certainty.in_words import declining_in_words
from training.evaluation.certainty_record import ALL, CAPTIONS, PEOPLE, CertaintyRecord, CertaintyRow
from training.evaluation.metrics.bootstrap import Interval

HEADINGS = (
    "Questions", "Answers", "Right,\n%", "Off by /\nby chance", "Sure,\n%", "of those\nright", "Held\nback, %",
    "of those\nright",
)
EXPLAINED = (
    "A model that gives only its most certain answers is right more often: the line falls from left to right, and the higher it "
    "lies, the more its certainty is worth. Answers at 90 % and more are called sure. All figures are of photos that had no part "
    "in making the certainty."
)
IN_WORDS = {PEOPLE: "asked by people", CAPTIONS: "from captions", "yes_no": "yes/no", "either_or": "either-or"}
"""What rows are called in the window."""
PLOT_LINES = 15
"""Height in lines of text, so that the table is seen to begin below it in a window of 700."""
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
"""All questions, people's, those made of captions."""


class CertaintyView(QWidget):
    """A line for each measurement and source of questions, and a table of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[tuple[str, CertaintyRecord]] = []
        self.plot = new_plot("Right answers against answers given", "The most certain answers are given first")
        self.plot.setLabel("bottom", "answers given, %")
        self.plot.setLabel("left", "right ones of those, %")
        self.table = FigureTable("Certainty by kind of question", HEADINGS)
        self.table.fit_figures()
        self.table.setToolTip(
            "Off by: how far certainty and the share of right answers lie apart, in points; by chance: how far they would "
            "if the certainty were exactly right, since there are only so many answers. "
            "In brackets: where the figure would lie with other photos of the same sort (95 %)"
        )
        self.declining = sentence_label("Questions that can't be answered")
        column_of(
            row_of((sentence_label("What the plot shows", EXPLAINED), 1), HelpMark(CERTAINTY)),
            self.plot, self.declining, self.table, (QWidget(), 1), parent=self,
        )

    def show_reports(self, reports: Sequence[ShownReport]) -> None:
        """Those whose certainty was measured."""
        self._shown = [(shown.name, shown.report.certainty) for shown in reports if shown.report.certainty is not None]
        self.table.show_rows([_cells(self._named(name, row.name), row) for name, record in self._shown for row in record.rows])
        found = [(name, record.declining) for name, record in self._shown]
        said = [self._named(name, declining_in_words(figures)) for name, figures in found if figures is not None]
        show_or_hide(self.declining, "\n".join(said))
        self._draw()

    def _named(self, report: str, what: str) -> str:
        words = IN_WORDS.get(what, what)
        return f"{report}: {words}" if len(self._shown) > 1 else words

    def _draw(self) -> None:
        dress(self.plot)
        self.plot.setFixedHeight(PLOT_LINES * QFontMetrics(QApplication.font()).height())
        legend = self.plot.addLegend(offset=(10, -10))  # where no line falls
        legend.setLabelTextColor(colours().text)
        legend.setLabelTextSize(f"{QApplication.font().pointSizeF():g}pt")
        legend.clear()
        for number, (name, record) in enumerate(self._shown):
            colour = series_colour(number, of=len(self._shown))
            for style, (source, points) in zip(STYLES, record.curves.items(), strict=False):
                self.plot.plot(
                    [covered for _, covered, _ in points], [right for _, _, right in points],
                    pen=pg.mkPen(colour, width=2.5 if source == ALL else 1.8, style=style), name=self._named(name, source),
                )
        self.plot.getViewBox().setXRange(0, 100, padding=0.02)
        self.plot.getViewBox().setYRange(0, 100, padding=0.04)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "plot"):
            self._draw()


def _cells(name: str, row: CertaintyRow) -> tuple[str, ...]:
    sure = "" if row.sure_right is None else _whole(row.sure_right)
    chance = "" if row.ece_by_chance is None else f" / {row.ece_by_chance:.1f}"
    back = "" if row.held_back_right is None else f"{row.held_back_right:.0f}"
    return (
        name, f"{row.questions:,}", _whole(row.right), f"{row.ece.value:.1f}{chance}", f"{row.sure:.0f}", sure,
        f"{row.held_back:.0f}", back,
    )


def _whole(found: Interval) -> str:
    """`53 (51–54)`: a column less wide, and as exact as a reader needs."""
    return f"{found.value:.0f} ({found.low:.0f}–{found.high:.0f})"
