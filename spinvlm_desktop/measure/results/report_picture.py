"""What was measured as one picture: titles, the verdict, plots and table, whatever size the window has."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from spinvlm_desktop.measure.results.recall_scatter import RecallScatter
from spinvlm_desktop.measure.results.score_bars import SCORES, SHORT_NAMES, ScoreBars
from spinvlm_desktop.measure.results.settings_table import SettingsTable
from spinvlm_desktop.measure.results.shown_reports import ShownReport, shown_rows
from spinvlm_desktop.widgets.labels import as_title, sentence_label
from spinvlm_desktop.widgets.layouts import column_of

WIDTH, MARGIN, GAP = 1200, 24, 14
"""Pixels of a screen that isn't scaled; at this width no setting's name is cut short."""
FOUND = "Invented objects against objects found"


def picture(reports: Sequence[ShownReport], *, score: str) -> QImage:
    """In the theme's colours. score: which one is shown as bars."""
    page = QWidget()
    page.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    column = column_of(parent=page, margins=[MARGIN] * 4, spacing=GAP)
    for shown in reports:
        title = as_title(sentence_label("Name", shown.name))
        about = sentence_label("What was measured", shown.in_words(), muted=True)
        for label in (title, about, sentence_label("What was found", shown.report.verdict)):
            column.addWidget(label)
    column.addLayout(_plots(reports, score=score))
    table = SettingsTable()
    table.show_reports(reports, shown_rows(reports))
    column.addWidget(table)
    page.setFixedWidth(WIDTH)
    page.show()
    page.setFixedHeight(column.heightForWidth(WIDTH) if column.hasHeightForWidth() else page.sizeHint().height())
    try:
        return page.grab().toImage()
    finally:
        page.close()


def _plots(reports: Sequence[ShownReport], *, score: str) -> QGridLayout:
    bars, scatter = ScoreBars(), RecallScatter()
    bars.score.setCurrentIndex(bars.score.findData(score))
    bars.choice.hide()
    bars.names.setText(SHORT_NAMES)
    for plot in (bars, scatter):
        plot.show_rows(shown_rows(reports))
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP)
    for place, (text, plot) in enumerate(((dict(SCORES)[score], bars), (FOUND, scatter))):
        title = as_title(QLabel(text), large=False)
        grid.addWidget(title, 0, place)
        grid.addWidget(plot, 1, place)
    grid.setColumnStretch(0, 56)
    grid.setColumnStretch(1, 44)
    return grid
