"""One run: its progress, curves and answers, and what can be done with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from core.errors import SpinVlmError, reason_of
from core.files.atomic_file import write_bytes
from spinvlm_desktop.jobs.job import JobState
from spinvlm_desktop.jobs.job_view import JobView
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.train.curves.loss_plot import LossPlot
from spinvlm_desktop.train.results.card_dialog import CardDialog
from spinvlm_desktop.train.results.result_view import ResultView
from spinvlm_desktop.train.run.run_buttons import RunButtons, RunSituation
from spinvlm_desktop.train.run.run_header import RunHeader
from spinvlm_desktop.train.run.run_monitor import RunMonitor
from spinvlm_desktop.train.run.run_progress import STARTING, RunProgress
from spinvlm_desktop.train.run.run_time import RunClock
from spinvlm_desktop.train.run.sample_view import SampleView
from spinvlm_desktop.train.run.training_job import TrainingJob
from spinvlm_desktop.widgets.controls import open_folder
from spinvlm_desktop.widgets.layouts import column_of, divided
from training.run.events import Event
from training.run.pace import kept_pace
from training.run.run_folder import RunFolder

RECENT_STEPS = 100
"""Of a history; older ones say nothing of the pace."""


class RunView(JobView):
    """Its progress, curves and answers."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    changed = Signal()
    """Something new is shown."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        self._run, self._files = TrainingJob(folder), RunFolder(folder)
        super().__init__(self._run, parent)
        self.progress, self._clock = RunProgress(), RunClock(kept_pace(folder))
        self._stopping = False
        self._start = StartFolder()
        self.header, self.buttons = RunHeader(folder.name), RunButtons()
        self.plot, self.samples, self.result = LossPlot(), SampleView(), ResultView()
        middle = divided(self.plot, self.samples, sizes=(560, 460), collapsible=True)
        middle.setMinimumHeight(340)
        column_of(self.header, self.buttons, self.result, (middle, 1), parent=self, spacing=8)
        self._connect()
        self._monitor = RunMonitor(folder, self)
        self._monitor.history_read.connect(self._on_history)
        self._monitor.events_read.connect(self._take)
        self.look()

    def _connect(self) -> None:
        buttons, run = self.buttons, self._run
        buttons.use_wanted.connect(lambda: self.model_wanted.emit(self._files.best_model))
        buttons.resume_wanted.connect(self.resume_wanted)
        buttons.pause_wanted.connect(lambda: self._ask("Not paused", lambda: run.requests.ask("stop")))
        buttons.finish_wanted.connect(lambda: self._ask("The stage goes on", lambda: run.requests.ask("finish_stage")))
        buttons.stop_wanted.connect(self._on_stop)
        buttons.withdraw_wanted.connect(self.withdraw)
        buttons.measure_wanted.connect(self._on_measure)
        buttons.card_wanted.connect(self._on_card)
        buttons.export_wanted.connect(self._on_export)
        buttons.folder_wanted.connect(lambda: open_folder(self.folder))

    def close_view(self) -> None:
        super().close_view()
        self._monitor.stop()

    def follow(self) -> None:
        self._monitor.look()

    @property
    def line(self) -> str:
        """What the run is doing, as it is shown."""
        return self.header.line

    # -- what the user does

    def _ask(self, title: str, request: Callable[[], None]) -> None:
        try:
            request()
        except SpinVlmError as error:
            QMessageBox.warning(self, title, str(error))
        self.look()
        self._show_buttons()

    def _on_stop(self) -> None:
        self._stopping = True
        self._ask("Not stopped", self._run.end)

    def _on_card(self) -> None:
        dialog = CardDialog(self.folder.name, self._files.card, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _on_measure(self) -> None:
        try:
            self.measurement_wanted.emit(self._files.best_model, Path(self._files.read_config().data), self.folder.name)
        except SpinVlmError as error:
            QMessageBox.warning(self, "Measurement not started", str(error))

    def _on_export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, "Export model file", self._start.path(f"{self.folder.name}.safetensors"), "Model files (*.safetensors)",
        )
        if name:
            self._start.remember(Path(name))
            self.export(Path(name))

    def export(self, path: Path) -> None:
        """Write the best model to this file; where that fails, a message says why."""
        path = path if path.suffix else path.with_name(path.name + ".safetensors")
        try:
            write_bytes(path, self._files.best_model.read_bytes())
        except OSError as error:
            QMessageBox.warning(self, "Not exported", f"{path} can't be written: {reason_of(error)}.")

    # -- what the run does

    def _on_history(self, events: list[Event]) -> None:
        self.progress, self._clock = RunProgress(), RunClock(kept_pace(self.folder))
        self.plot.clear()
        self._take(events)

    def _take(self, events: list[Event]) -> None:
        steps = sum(event["event"] == "step" for event in events)
        for event in events:
            self.plot.add(event)
            steps -= event["event"] == "step"
            if event["event"] != "step" or steps < RECENT_STEPS:
                self.progress.take(event)
        self.plot.refresh()
        self.samples.show_samples(self.progress.samples)
        self._show()

    def show_state(self, state: JobState, before: JobState | None) -> None:
        if state == "running" and before is not None:
            self.progress.line = STARTING
        self._stopping = False
        self.header.show_failure(self.progress, state, self._run.messages())
        self._show()

    def _show(self) -> None:
        progress, state = self.progress, self.state
        if state is None:
            return  # what is read before the first look at the state is shown with it
        remaining = self._clock.remaining(time.monotonic(), progress) if state == "running" else None
        self.header.show_progress(progress, state, remaining)
        if state == "failed" and progress.failure:
            self.header.show_failure(progress, state, self._run.messages())
        self._show_buttons()
        self.result.show_result(progress.metrics, self._files.examples)
        self.changed.emit()

    def _show_buttons(self) -> None:
        files, requests = self._files, self._run.requests if self.state == "running" else None
        self.buttons.show_situation(RunSituation(
            state=self.state or "new", in_stage=self.progress.in_stage, stopping=self._stopping,
            pausing=requests is not None and requests.is_asked("stop"),
            finishing=requests is not None and requests.is_asked("finish_stage"),
            has_model=is_file(files.best_model), has_card=is_file(files.card),
        ))
