"""What one or several measurements found: the verdict, tables, plots, and the captions behind them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QTabWidget, QWidget

from core.errors import reason_of
from spinvlm_desktop.measure.results.captions.captions_view import CaptionsView
from spinvlm_desktop.measure.results.certainty_view import CertaintyView
from spinvlm_desktop.measure.results.export import KINDS, export
from spinvlm_desktop.measure.results.people_view import PeopleView
from spinvlm_desktop.measure.results.pointing_view import PointingView
from spinvlm_desktop.measure.results.probes_view import ProbesView
from spinvlm_desktop.measure.results.recall_scatter import RecallScatter
from spinvlm_desktop.measure.results.score_bars import ScoreBars
from spinvlm_desktop.measure.results.settings_table import SettingsTable
from spinvlm_desktop.measure.results.shown_reports import ShownReport, ShownRow, shown_rows
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.buttons.fold_button import FoldButton
from spinvlm_desktop.widgets.controls import open_folder, push_button
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.help.help_mark import HelpMark
from spinvlm_desktop.widgets.help.help_topics import FIGURES
from spinvlm_desktop.widgets.labels import plain_tip, sentence_label
from spinvlm_desktop.widgets.layouts import column_of, divided, row_of, scrolled

LEAST_HEIGHT = 380
"""Pixels of the tables and plots; what is more scrolls in them."""


class ResultsView(QWidget):
    """A row that is chosen in the table, among the bars or the points is chosen in all three."""

    setting_wanted = Signal(object)
    """ShownRow that is to be used in the chat."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = StartFolder()
        self._reports: Sequence[ShownReport] = ()
        self._rows: list[ShownRow] = []
        self._chosen = 0
        self._headline, self._verdict = sentence_label("What follows"), sentence_label("What was found")
        self.table, self.bars, self.scatter = SettingsTable(), ScoreBars(), RecallScatter()
        self.probes, self.pointing, self.captions = ProbesView(), PointingView(), CaptionsView()
        self.certainty, self.people = CertaintyView(), PeopleView()
        self.table.row_chosen.connect(self.choose)
        self.table.row_opened.connect(self.open_captions)
        for plot in (self.bars, self.scatter):
            plot.row_chosen.connect(self.open_captions)
        self.use_button = push_button("Use the chosen settin&g in chat", "", lambda: self.setting_wanted.emit(self._row))
        read = push_button(
            "Rea&d its captions", "The captions behind this setting, those with invented objects first",
            lambda: self.open_captions(self._chosen),
        )
        save = push_button(
            "E&xport…", "Save the table (CSV), everything (JSON) or a picture of plots and table (PNG)", self._on_export
        )
        show = push_button("Open fo&lder", "Show the files of this measurement", lambda: open_folder(self._row.shown.folder.path))
        buttons = QWidget()
        flow = FlowLayout(buttons)
        for button in (self.use_button, read, save, show):
            flow.addWidget(button)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(scrolled(self._make_overview()), "&Settings")
        self.tabs.addTab(self.captions, "Ca&ptions and photos")
        self.tabs.addTab(scrolled(self.probes), "&Yes/no questions")
        self.tabs.addTab(scrolled(self.pointing), "P&ointing")
        self.tabs.addTab(scrolled(self.certainty), "Certai&nty")
        self.tabs.addTab(scrolled(self.people), "People's &questions")
        self.tabs.setMinimumHeight(LEAST_HEIGHT)
        details = FoldButton("In figures", "What was found, with its figures", self._verdict)
        first = row_of((self._headline, 1), HelpMark(FIGURES))
        column_of(first, row_of(details, 1), self._verdict, buttons, (self.tabs, 1), parent=self, margins=())

    @property
    def _row(self) -> ShownRow:
        """The chosen one."""
        return self._rows[self._chosen]

    def _make_overview(self) -> QWidget:
        overview = QWidget()
        column_of((divided(self.bars, self.scatter, sizes=(560, 440)), 1), self.table, parent=overview, margins=(0, 6, 0, 0))
        return overview

    def show_reports(self, reports: Sequence[ShownReport]) -> None:
        """Show these side by side; the best setting of the first is chosen."""
        self._reports, self._rows = reports, shown_rows(reports)
        self._headline.setText("\n".join(
            f"{shown.name}: {shown.headline()}" if len(reports) > 1 else shown.headline() for shown in reports
        ))
        self._verdict.setText("\n".join(
            f"{shown.name}: {shown.report.verdict}" if len(reports) > 1 else shown.report.verdict for shown in reports
        ))
        self.table.show_reports(reports, self._rows)
        self.bars.show_rows(self._rows)
        self.scatter.show_rows(self._rows)
        self.captions.show_rows(self._rows)
        self.probes.show_reports(reports)
        self.pointing.show_reports(reports)
        self.certainty.show_reports(reports)
        self.people.show_reports(reports)
        self.tabs.setTabVisible(5, any(shown.report.questions is not None for shown in reports))
        self.tabs.setTabVisible(4, any(shown.report.certainty is not None for shown in reports))
        self.tabs.setTabVisible(2, any(shown.report.probes for shown in reports))
        self.tabs.setTabVisible(3, any(shown.report.pointing is not None for shown in reports))
        self.choose(next((place for place, row in enumerate(self._rows) if row.best), 0))

    def verdict(self) -> str:
        return self._verdict.text()

    def choose(self, place: int) -> None:
        """Choose a row everywhere."""
        self._chosen = place
        self.table.choose(place)
        for plot in (self.bars, self.scatter):
            plot.choose(place)
        row = self._row
        self.use_button.setToolTip(plain_tip(
            f"Ask {row.shown.settings.model_name} in the chat, with {row.row.name}" if row.row.usable_in_chat
            else "The chat can do settings of SPIN only"
        ))
        self.use_button.setEnabled(row.row.usable_in_chat)

    def open_captions(self, place: int) -> None:
        """The captions behind a row."""
        self.choose(place)
        self.captions.choose(place)
        self.tabs.setCurrentWidget(self.captions)


    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Export", self._start.path(f"{self._reports[0].name}.csv"), KINDS)
        if name:
            self._start.remember(Path(name))
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write what the file's ending says; where that fails, a message says why."""
        try:
            export(path, self._reports, score=str(self.bars.score.currentData()))
        except OSError as error:
            QMessageBox.warning(self, "Not exported", f"{path} can't be written: {reason_of(error)}.")
        except ValueError:
            QMessageBox.warning(self, "Not exported", "The report is damaged; measure again.")


