"""One run: its progress, curves and answers, and what can be done with it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from core.atomic_file import write_bytes
from core.errors import TrainingError, reason_of
from spinvlm_desktop.flow_layout import FlowLayout
from spinvlm_desktop.labels import enlarge, error_label, sentence_label, tell
from spinvlm_desktop.time_left import TimeLeft, duration
from spinvlm_desktop.training_tab.loss_plot import LossPlot
from spinvlm_desktop.training_tab.result_view import ResultView
from spinvlm_desktop.training_tab.run_monitor import RunMonitor
from spinvlm_desktop.training_tab.run_process import RunProcess
from spinvlm_desktop.training_tab.run_progress import RunProgress
from spinvlm_desktop.training_tab.run_state import STATE_WORDS
from spinvlm_desktop.training_tab.sample_grid import SampleGrid
from training.events import Event
from training.run_folder import RunFolder

TELLING_STEPS = 100
"""Of a history; older ones say nothing of the pace."""


class RunView(QWidget):
    """Follows one run until it is closed."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    state_changed = Signal(str)
    changed = Signal()
    """Something new is shown."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder, self._process = folder, RunProcess(folder)
        self._progress, self._left = RunProgress(), TimeLeft()
        self.state = ""
        self._title = QLabel(folder.name)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        enlarge(self._title, 1.4)
        self._line = sentence_label("What the run is doing")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of this stage")
        self._bar.setToolTip("Steps of this stage that are done")
        self._notice = sentence_label("What the run told last")
        self._notice.setProperty("muted", True)
        self._failure = error_label("What went wrong")
        self._log = QPlainTextEdit()
        self._log.setReadOnly(True)
        self._log.setAccessibleName("The log's last lines")
        self._log.setMaximumHeight(140)
        self._plot, self._samples, self.result = LossPlot(), SampleGrid(), ResultView()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        for widget in (self._title, self._line, self._bar, self._notice, self._make_buttons(), self._failure, self._log,
                       self.result):
            layout.addWidget(widget)
        layout.addWidget(self._make_middle(), 1)
        self._monitor = RunMonitor(folder, self)
        self._monitor.history_read.connect(self._on_history)
        self._monitor.events_read.connect(self._on_events)
        self._monitor.state_changed.connect(self._on_state)
        self._monitor.look()

    def _make_middle(self) -> QSplitter:
        answers = QScrollArea()
        answers.setWidgetResizable(True)
        answers.setWidget(self._samples)
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(self._plot)
        middle.addWidget(answers)
        middle.setSizes([560, 460])
        middle.setMinimumHeight(340)
        middle.setHandleWidth(10)
        return middle

    def _make_buttons(self) -> QWidget:
        buttons = QWidget()
        row = FlowLayout(buttons)
        self._pause = _button("&Pause", "Write a checkpoint and stop; it goes on later where it was", self._on_pause)
        self._resume = _button("&Go on", "Train on from the last checkpoint", self.resume)
        self._resume.setProperty("primary", True)
        self._finish = _button("&Finish this stage", "Go on with the next stage now, or with the measurement after the last one",
                               self._on_finish)
        self._kill = _button("S&top", "End the training at once; the best model so far stays", self._on_kill)
        self._use = _button("&Use in chat", "Ask this model in the chat tab; of a run that goes on, the best model so far",
                            lambda: self.model_wanted.emit(RunFolder(self.folder).best_model))
        self.measure_button = _button("&Measure SPIN…", "What does this model invent, with SPIN off and on? In the tab "
                                      "Measure", self._on_measure)
        self._card = _button("Model &card", "What the model learnt from, how, and all that was measured", self._on_card)
        self._export = _button("E&xport model…", "Save the model as a file of its own, to keep or to give away", self._on_export)
        self._open = _button("Open &run folder", "Show the files of this run", self._on_open)
        for button in (self._use, self._pause, self._resume, self._finish, self._kill, self.measure_button, self._card,
                       self._export, self._open):
            row.addWidget(button)
        return buttons

    def close_run(self) -> None:
        """Follow it no more; it goes on."""
        self._monitor.stop()

    # -- what the user does

    def resume(self) -> None:
        """Train on from the last checkpoint; a run that never came to one starts anew."""
        try:
            self._process.go_on()
        except TrainingError as error:
            QMessageBox.warning(self, "The run doesn't go on", str(error))
        self._monitor.look()

    def _on_pause(self) -> None:
        try:
            self._process.pause()
        except TrainingError as error:
            QMessageBox.warning(self, "The run isn't paused", str(error))
            return
        self._pause.setEnabled(False)
        self._pause.setText("Pausing…")

    def _on_kill(self) -> None:
        self._process.end()
        self._kill.setEnabled(False)

    def _on_finish(self) -> None:
        try:
            self._process.finish_stage()
        except TrainingError as error:
            QMessageBox.warning(self, "The stage goes on", str(error))
            return
        self._finish.setEnabled(False)

    def _on_card(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(RunFolder(self.folder).card)))

    def _on_measure(self) -> None:
        files = RunFolder(self.folder)
        try:
            self.measurement_wanted.emit(files.best_model, Path(files.read_config().data), self.folder.name)
        except TrainingError as error:
            QMessageBox.warning(self, "The model isn't measured", str(error))

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export model", f"{self.folder.name}.safetensors", "Model files (*.safetensors)",
        )
        if name:
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the best model to this file; where that fails, it is told."""
        path = path if path.suffix else path.with_name(path.name + ".safetensors")
        try:
            write_bytes(path, RunFolder(self.folder).best_model.read_bytes())
        except OSError as error:
            QMessageBox.warning(self, "Not exported", f"{path} can't be written: {reason_of(error)}.")

    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    # -- what the run does

    def _on_history(self, events: list[Event]) -> None:
        self._progress, self._left = RunProgress(), TimeLeft()
        self._plot.clear()
        self._on_events(events)

    def _on_events(self, events: list[Event]) -> None:
        steps = sum(event["event"] == "step" for event in events)
        for event in events:
            self._plot.add(event)
            steps -= event["event"] == "step"
            if event["event"] != "step" or steps < TELLING_STEPS:
                self._progress.take(event)
        self._plot.refresh()
        self._samples.show_samples(self._progress.samples)
        self._show()

    def _on_state(self, state: str) -> None:
        self.state = state
        self._pause.setText("&Pause")
        self._show()
        self.state_changed.emit(state)

    def _show(self) -> None:
        progress, state = self._progress, self.state
        training = state == "training"
        words = STATE_WORDS.get(state, "")  # type: ignore[call-overload]
        line = progress.line if training or state == "finished" else f"{progress.line} · {words}"
        if state == "waiting":
            line = "Begins when no other run is being trained, while this window is open."
        left = self._left.seconds(time.monotonic(), progress.done, progress.total) if training and progress.total else None
        self._line.setText(line if left is None else f"{line} · {duration(left)} left in this stage")
        self._bar.setRange(0, progress.total or (0 if training else 1))
        self._bar.setValue(progress.done)
        failed = state == "failed"
        tell(self._notice, progress.notice if training else None)
        self._failure.setText(progress.failure or "The training ended unexpectedly; the log's last lines:")
        self._failure.setVisible(failed)
        lines = self._process.last_lines() if failed else []
        self._log.setPlainText("\n".join(lines))
        self._log.setVisible(bool(lines))
        self.result.show_result(progress.metrics, RunFolder(self.folder).examples)
        self._pause.setVisible(training)
        self._pause.setEnabled(training)
        self._kill.setVisible(training)
        self._kill.setEnabled(training)
        self._finish.setVisible(training)
        self._resume.setVisible(state in ("paused", "interrupted", "failed"))
        files = RunFolder(self.folder)
        for button in (self._use, self._export):
            button.setEnabled(files.best_model.is_file())
        self._card.setVisible(files.card.is_file())
        self.measure_button.setVisible(state == "finished")
        self.changed.emit()

    @property
    def line(self) -> str:
        """What the run is doing, as it is shown."""
        return self._line.text()


def _button(text: str, tip: str, slot: object) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: slot())  # type: ignore[operator]
    return button
