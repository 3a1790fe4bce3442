"""One run: its progress, curves and answers, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMessageBox, QSplitter, QVBoxLayout, QWidget

from core.errors import TrainingError, reason_of
from core.files.atomic_file import write_bytes
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.train.curves.loss_plot import LossPlot
from spinvlm_desktop.train.results.card_dialog import CardDialog
from spinvlm_desktop.train.results.result_view import ResultView
from spinvlm_desktop.train.run.run_buttons import RunButtons, RunSituation
from spinvlm_desktop.train.run.run_clock import RunClock
from spinvlm_desktop.train.run.run_header import RunHeader
from spinvlm_desktop.train.run.run_monitor import RunMonitor
from spinvlm_desktop.train.run.run_process import RunProcess
from spinvlm_desktop.train.run.run_progress import RunProgress
from spinvlm_desktop.train.run.sample_view import SampleView
from spinvlm_desktop.train.setup.pace import kept_pace
from training.run.events import Event
from training.run.run_folder import RunFolder

TELLING_STEPS = 100
"""Of a history; older ones say nothing of the pace."""


class RunView(QWidget):
    """Follows one run until it is closed."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    resume_wanted = Signal()
    state_changed = Signal(str)
    changed = Signal()
    """Something new is shown."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder, self._files, self._process = folder, RunFolder(folder), RunProcess(folder)
        self._progress, self._clock = RunProgress(), RunClock(kept_pace(folder))
        self.state = ""
        self._heard = self._stopping = False
        self._start = StartFolder()
        self.header, self.buttons = RunHeader(folder.name), RunButtons()
        self._plot, self.samples, self.result = LossPlot(), SampleView(), ResultView()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        for widget in (self.header, self.buttons, self.result):
            layout.addWidget(widget)
        layout.addWidget(self._make_middle(), 1)
        self._connect()
        self._monitor = RunMonitor(folder, self)
        self._monitor.history_read.connect(self._on_history)
        self._monitor.events_read.connect(self._on_events)
        self._monitor.state_changed.connect(self._on_state)
        self._monitor.look()

    def _make_middle(self) -> QSplitter:
        middle = QSplitter(Qt.Orientation.Horizontal)
        middle.addWidget(self._plot)
        middle.addWidget(self.samples)
        middle.setSizes([560, 460])
        middle.setMinimumHeight(340)
        middle.setHandleWidth(10)
        return middle

    def _connect(self) -> None:
        buttons, process = self.buttons, self._process
        buttons.use_wanted.connect(lambda: self.model_wanted.emit(self._files.best_model))
        buttons.resume_wanted.connect(self._on_resume)
        buttons.pause_wanted.connect(lambda: self._ask("The run isn't paused", lambda: process.requests.ask("stop")))
        buttons.finish_wanted.connect(lambda: self._ask("The stage goes on", lambda: process.requests.ask("finish_stage")))
        buttons.stop_wanted.connect(self._on_stop)
        buttons.withdraw_wanted.connect(lambda: self._ask("The run still waits", process.withdraw))
        buttons.measure_wanted.connect(self._on_measure)
        buttons.card_wanted.connect(self._on_card)
        buttons.export_wanted.connect(self._on_export)
        buttons.folder_wanted.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder))))

    def close_run(self) -> None:
        """Follow it no more; it goes on."""
        self._monitor.stop()

    @property
    def line(self) -> str:
        """What the run is doing, as it is shown."""
        return self.header.line

    # -- what the user does

    def _ask(self, title: str, request: Callable[[], None]) -> None:
        try:
            request()
        except TrainingError as error:
            QMessageBox.warning(self, title, str(error))
        self._monitor.look()
        self._show_buttons()

    def _on_resume(self) -> None:
        self.resume_wanted.emit()
        self._monitor.look()

    def _on_stop(self) -> None:
        self._stopping = True
        self._ask("The run isn't stopped", self._process.end)

    def _on_card(self) -> None:
        dialog = CardDialog(self.folder.name, self._files.card, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_measure(self) -> None:
        try:
            self.measurement_wanted.emit(self._files.best_model, Path(self._files.read_config().data), self.folder.name)
        except TrainingError as error:
            QMessageBox.warning(self, "The model isn't measured", str(error))

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export model file", self._start.path(f"{self.folder.name}.safetensors"), "Model files (*.safetensors)",
        )
        if name:
            self._start.remember(Path(name))
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the best model to this file; where that fails, it is told."""
        path = path if path.suffix else path.with_name(path.name + ".safetensors")
        try:
            write_bytes(path, self._files.best_model.read_bytes())
        except OSError as error:
            QMessageBox.warning(self, "Not exported", f"{path} can't be written: {reason_of(error)}.")

    # -- what the run does

    def _on_history(self, events: list[Event]) -> None:
        self._progress, self._clock = RunProgress(), RunClock(kept_pace(self.folder))
        self._plot.clear()
        self._take(events)

    def _on_events(self, events: list[Event]) -> None:
        self._heard = True
        self._take(events)

    def _take(self, events: list[Event]) -> None:
        steps = sum(event["event"] == "step" for event in events)
        for event in events:
            self._plot.add(event)
            steps -= event["event"] == "step"
            if event["event"] != "step" or steps < TELLING_STEPS:
                self._progress.take(event)
        self._plot.refresh()
        self.samples.show_samples(self._progress.samples)
        self._show()

    def _on_state(self, state: str) -> None:
        if state == "training" and self.state:
            self._progress.line = "Starting…"
        self.state = state
        self._heard = self._stopping = False
        self.header.show_failure(self._progress, state, self._process.last_lines())
        self._show()
        self.state_changed.emit(state)

    def _show(self) -> None:
        progress, state = self._progress, self.state
        remaining = self._clock.remaining(time.monotonic(), progress) if state == "training" else None
        self.header.show_progress(progress, state, remaining)
        if state == "failed" and progress.failure:
            self.header.show_failure(progress, state, self._process.last_lines())
        self._show_buttons()
        self.result.show_result(progress.metrics, self._files.examples)
        self.changed.emit()

    def _show_buttons(self) -> None:
        files, training = self._files, self.state == "training"
        requests = self._process.requests if training else None
        self.buttons.show_situation(RunSituation(
            state=self.state, heard=self._heard, in_stage=self._progress.in_stage, stopping=self._stopping,
            pausing=requests is not None and requests.is_asked("stop"),
            finishing=requests is not None and requests.is_asked("finish_stage"),
            has_model=files.best_model.is_file(), has_card=files.card.is_file(),
        ))
