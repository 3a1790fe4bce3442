"""One measurement: how far it is, what can be done with it, and what it found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QMessageBox, QPlainTextEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.errors import DataError
from spinvlm_desktop.jobs.time_left import duration
from spinvlm_desktop.measure.measurement_folder import STATE_WORDS, MeasurementFolder, MeasurementState, Progress
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.measure.results.results_view import ResultsView
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.labels import enlarge, error_label, plain_tip, sentence_label, tell

BAR_STEPS = 1000
LOOK_MS = 500
"""Between two looks at the files."""
DAMAGED = "The report of this measurement can't be read; measure again."
MEANWHILE = "The chat can be used meanwhile. It goes on when the window is closed; what is done is kept setting by setting."
CUT_OFF = "The measurement was cut off, by the system or by hand. What is done stays done; Resume goes on with the rest."


def shown_report(folder: Path) -> ShownReport | None:
    """A finished measurement; None where it isn't finished or can't be read."""
    settings, files = MeasurementFolder(folder).read_settings(), ReportFolder(folder)
    report = files.report()
    return None if report is None or settings is None else ShownReport(folder.name, settings, files, report)


class MeasurementView(QWidget):
    """Follows one measurement until it is closed."""

    state_changed = Signal(str)
    resume_wanted = Signal(object)
    """MeasurementFolder that is to go on."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder, self._files = folder, MeasurementFolder(folder)
        self.state: MeasurementState | None = None
        title = enlarge(QLabel(folder.name), 1.4)
        title.setTextFormat(Qt.TextFormat.PlainText)
        about = self._about = sentence_label("What is measured")
        about.setProperty("muted", True)
        settings = self._files.read_settings()
        about.setText("" if settings is None else settings.in_words())
        about.setToolTip("" if settings is None else plain_tip(settings.data))
        self._hint = sentence_label("What can be done meanwhile")
        self._hint.setProperty("muted", True)
        self._hint.setText(MEANWHILE)
        self._line = sentence_label("How far it is")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the measurement")
        self._bar.setToolTip("How much of the whole measurement is done")
        self._error = error_label("What went wrong")
        self._log = QPlainTextEdit()
        self._log.setReadOnly(True)
        self._log.setAccessibleName("The log's last lines")
        self._log.setMaximumHeight(140)
        self.results = ResultsView()
        self.results.hide()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        for widget in (title, about, self._line, self._bar, self._hint, self._make_buttons(), self._error, self._log):
            layout.addWidget(widget)
        layout.addWidget(self.results, 1)
        self._filler = QWidget()
        layout.addWidget(self._filler, 1)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        self.look()

    def _make_buttons(self) -> QWidget:
        self._buttons = QWidget()
        row = FlowLayout(self._buttons)
        self.pause_button = QPushButton("&Pause")
        self.pause_button.setToolTip("End the process; what was answered is kept, and Resume goes on after it")
        self.pause_button.clicked.connect(lambda _checked=False: self._on_pause())
        self.resume_button = QPushButton("&Resume")
        self.resume_button.setProperty("primary", True)
        self.resume_button.setToolTip("Go on with what isn't done yet")
        self.resume_button.clicked.connect(lambda _checked=False: self.resume_wanted.emit(self._files))
        self.leave_button = QPushButton("&Don't wait")
        self.leave_button.setToolTip("Take it out of the line; it can be resumed later")
        self.leave_button.clicked.connect(lambda _checked=False: self._on_leave())
        opened = QPushButton("Open &folder")
        opened.setToolTip("Show the files of this measurement")
        opened.clicked.connect(lambda _checked=False: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder))))
        for button in (self.pause_button, self.resume_button, self.leave_button, opened):
            row.addWidget(button)
        return self._buttons

    def close_view(self) -> None:
        """Follow it no more; it goes on."""
        self._timer.stop()

    def look(self) -> None:
        """See how far it is now."""
        state = self._files.state()
        if state == "measuring":
            self._show_progress()
        if state != self.state:
            self.state = state
            self._show_state(state)
            self.state_changed.emit(state)

    def _on_pause(self) -> None:
        self._files.pause()
        self.pause_button.setEnabled(False)
        self.pause_button.setText("Pausing…")

    def _on_leave(self) -> None:
        self._files.leave_line()
        self.look()

    def _show_progress(self) -> None:
        progress = self._files.progress()
        if progress is None:
            self._line.setText("Starting…")
            self._bar.setRange(0, 0)
            return
        left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
        self._line.setText(f"{_percent(progress)}{left} · {progress.in_words()}")
        self._show_part(progress)

    def _show_part(self, progress: Progress) -> None:
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setValue(int(BAR_STEPS * progress.part))

    def _show_state(self, state: MeasurementState) -> None:
        measuring = state == "measuring"
        stands = None if measuring or state in ("finished", "failed") else self._files.progress()
        self._bar.setVisible(measuring or stands is not None)
        self._hint.setVisible(measuring)
        self.pause_button.setVisible(measuring)
        self.pause_button.setEnabled(measuring)
        self.pause_button.setText("&Pause")
        self.resume_button.setVisible(state in ("paused", "interrupted", "failed"))
        self.leave_button.setVisible(state == "waiting")
        if not measuring:
            words = {"waiting": "It begins when nothing else is measured or trained, while this window is open.", "finished": ""}
            done = "" if stands is None else f" {_percent(stands)} of it is done."
            self._line.setText(words.get(state, f"{STATE_WORDS[state].capitalize()}.") + done)
        if stands is not None:
            self._show_part(stands)
        self._line.setVisible(bool(self._line.text()))
        lines = self._files.words() if state == "failed" else []
        sentence = {"failed": lines[-1] if lines else "", "interrupted": CUT_OFF}.get(state)
        tell(self._error, sentence)
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
            tell(self._error, DAMAGED)
        else:
            self._about.setText(found.in_words())
            self.results.show_reports([found])

    @property
    def line(self) -> str:
        """How far it is, as it is shown."""
        return self._line.text()

    def error(self) -> str:
        return self._error.text() if self._error.isVisibleTo(self) else ""

    def start(self) -> None:
        """Begin or go on; what stands against it is told."""
        try:
            self._files.start()
        except DataError as error:
            QMessageBox.warning(self, "It isn't measured", str(error))
        self.look()


def _percent(progress: Progress) -> str:
    return f"{int(100 * progress.part)} %"  # rounded, it would be done before it is
