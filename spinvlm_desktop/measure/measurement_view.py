"""One measurement: how far it is, what can be done with it, and what it found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.job import RESUMABLE, STATE_WORDS, JobState
from spinvlm_desktop.jobs.job_view import JobView
from spinvlm_desktop.measure.measure_job import MeasureJob, MeasureProgress
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.measure.results.results_view import ResultsView
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.controls import log_pane, open_folder, progress_bar, push_button
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.labels import as_title, error_label, plain_tip, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of
from training.run.time_left import duration

BAR_STEPS = 1000
DAMAGED = "The report of this measurement can't be read; measure again."
MEANWHILE = "The chat can be used meanwhile. It goes on when the window is closed; what is done is kept setting by setting."
CUT_OFF = "The measurement was cut off, by the system or by hand. What is done stays done; Resume goes on with the rest."


def shown_report(folder: Path) -> ShownReport | None:
    """A finished measurement; None where it isn't finished or can't be read."""
    settings, files = MeasureJob(folder).read_settings(), ReportFolder(folder)
    report = files.report()
    return None if report is None or settings is None else ShownReport(folder.name, settings, files, report)


class MeasurementView(JobView):
    """How far it is, and its results when it is finished."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        self._files = MeasureJob(folder)
        super().__init__(self._files, parent)
        title = as_title(QLabel(folder.name))
        title.setTextFormat(Qt.TextFormat.PlainText)
        settings = self._files.read_settings()
        about = self._about = sentence_label("What is measured", "" if settings is None else settings.in_words(), muted=True)
        about.setToolTip("" if settings is None else plain_tip(settings.data))
        self._hint = sentence_label("What can be done meanwhile", MEANWHILE, muted=True)
        self._line = sentence_label("How far it is")
        self._bar = progress_bar("Progress of the measurement", "How much of the whole measurement is done")
        self._error = error_label("What went wrong")
        self._log = log_pane(140)
        self.results = ResultsView()
        self.results.hide()
        self._filler = QWidget()
        column_of(
            title, about, self._line, self._bar, self._hint, self._make_buttons(), self._error, self._log, (self.results, 1),
            (self._filler, 1), parent=self, spacing=8,
        )
        self.look()

    def _make_buttons(self) -> QWidget:
        self._buttons = QWidget()
        row = FlowLayout(self._buttons)
        self.pause_button = push_button(
            "&Pause", "End the process; what was answered is kept, and Resume goes on after it", self._on_pause
        )
        self.resume_button = push_button("&Resume", "Go on with what isn't done yet", self.resume_wanted.emit, primary=True)
        self.withdraw_button = push_button("&Don't wait", "Take it out of the queue; it can be resumed later", self.withdraw)
        opened = push_button("Open fo&lder", "Show the files of this measurement", lambda: open_folder(self.folder))
        for button in (self.pause_button, self.resume_button, self.withdraw_button, opened):
            row.addWidget(button)
        return self._buttons

    def follow(self) -> None:
        if self.state == "running":
            self._show_progress()

    def _on_pause(self) -> None:
        try:
            self._files.end()
        except SpinVlmError as error:
            QMessageBox.warning(self, "Not marked as paused", str(error))
        self.pause_button.setEnabled(False)
        self.pause_button.setText("Pausing…")

    def _show_progress(self) -> None:
        progress = self._files.progress()
        if progress is None:
            self._line.setText("Starting: the program's libraries are loaded…")
            self._bar.setRange(0, 0)
            return
        left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
        self._line.setText(f"{_percent(progress)}{left} · {progress.in_words()}")
        self._show_part(progress)

    def _show_part(self, progress: MeasureProgress) -> None:
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setValue(int(BAR_STEPS * progress.part))

    def show_state(self, state: JobState, before: JobState | None) -> None:
        measuring = state == "running"
        if measuring:
            self._show_progress()
        stands = None if measuring or state in ("finished", "failed") else self._files.progress()
        self._bar.setVisible(measuring or stands is not None)
        self._hint.setVisible(measuring)
        self.pause_button.setVisible(measuring)
        self.pause_button.setEnabled(measuring)
        self.pause_button.setText("&Pause")
        self.resume_button.setVisible(state in RESUMABLE)
        self.withdraw_button.setVisible(state == "waiting")
        if not measuring:
            words = {"waiting": "It starts when nothing else is measured or trained, while this window is open.", "finished": ""}
            done = "" if stands is None else f" {_percent(stands)} of it is done."
            self._line.setText(words.get(state, f"{STATE_WORDS[state].capitalize()}.") + done)
        if stands is not None:
            self._show_part(stands)
        self._line.setVisible(bool(self._line.text()))
        lines = self._files.messages() if state == "failed" else []
        sentence = {"failed": lines[-1] if lines else "", "interrupted": CUT_OFF}.get(state)
        show_or_hide(self._error, sentence)
        self._log.setPlainText("\n".join(lines))
        self._log.setVisible(len(lines) > 1)
        if state == "finished":
            self._show_results()
        self.results.setVisible(state == "finished" and bool(self.results.verdict()))
        self._buttons.setVisible(not self.results.isVisibleTo(self))
        self._filler.setVisible(not self.results.isVisibleTo(self))

    def _show_results(self) -> None:
        found = shown_report(self.folder)
        if found is None:
            show_or_hide(self._error, DAMAGED)
        else:
            self._about.setText(found.in_words())
            self.results.show_reports([found])

    @property
    def line(self) -> str:
        """How far it is, as it is shown."""
        return self._line.text()

    @property
    def about(self) -> str:
        """What is measured, as it is shown."""
        return self._about.text()

    def error(self) -> str:
        return self._error.text() if self._error.isVisibleTo(self) else ""


def _percent(progress: MeasureProgress) -> str:
    return f"{int(100 * progress.part)} %"  # rounded, it would be done before it is
