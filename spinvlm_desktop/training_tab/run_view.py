"""One run: its progress, curves and answers, and what can be done with it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
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

from core.errors import TrainingError
from spinvlm_desktop.labels import enlarge, error_label, sentence_label
from spinvlm_desktop.training_tab.loss_plot import LossPlot
from spinvlm_desktop.training_tab.run_monitor import RunMonitor
from spinvlm_desktop.training_tab.run_process import RunProcess
from spinvlm_desktop.training_tab.run_progress import RunProgress, TimeLeft, duration
from spinvlm_desktop.training_tab.run_state import STATE_WORDS
from spinvlm_desktop.training_tab.sample_grid import SampleGrid
from training.events import Event
from training.run_folder import RunFolder


class RunView(QWidget):
    """Follows one run until it is closed."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
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
        self._failure = error_label("What went wrong")
        self._log = QPlainTextEdit()
        self._log.setReadOnly(True)
        self._log.setAccessibleName("The log's last lines")
        self._log.setMaximumHeight(140)
        self._plot, self._samples, self._result = LossPlot(), SampleGrid(), sentence_label("Result")
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        for widget in (self._title, self._line, self._bar, self._failure, self._log, self._result):
            layout.addWidget(widget)
        layout.addWidget(self._make_middle(), 1)
        layout.addLayout(self._make_buttons())
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
        middle.setHandleWidth(10)
        return middle

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._pause = _button("&Pause", "Write a checkpoint and stop; it goes on later where it was", self._on_pause)
        self._resume = _button("&Go on", "Train on from the last checkpoint", self.resume)
        self._resume.setProperty("primary", True)
        self._kill = _button("&End now", "End the training at once; the last checkpoint stays", self._on_kill)
        self._use = _button("&Use in chat", "Ask this model in the chat tab; of a run that goes on, the best model so far",
                            lambda: self.model_wanted.emit(RunFolder(self.folder).best_model))
        self._open = _button("Open run &folder", "Show the files of this run", self._on_open)
        for button in (self._pause, self._resume, self._kill):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._open)
        row.addWidget(self._use)
        return row

    def close_run(self) -> None:
        """Follow it no more; it goes on."""
        self._monitor.stop()

    # -- what the user does

    def resume(self) -> None:
        """Train on from the last checkpoint; a run that never came to one starts anew."""
        folder = RunFolder(self.folder)
        try:
            self._process.start(None if folder.checkpoint.is_file() else folder.read_config())
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

    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    # -- what the run does

    def _on_history(self, events: list[Event]) -> None:
        self._progress, self._left = RunProgress(), TimeLeft()
        self._plot.clear()
        self._on_events(events)

    def _on_events(self, events: list[Event]) -> None:
        for event in events:
            self._progress.take(event)
            self._plot.add(event)
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
        left = self._left.seconds(time.monotonic(), progress.done, progress.total) if training and progress.total else None
        self._line.setText(line if left is None else f"{line} · {duration(left)} left in this stage")
        self._bar.setRange(0, progress.total or (0 if training else 1))
        self._bar.setValue(progress.done)
        failed = state == "failed"
        self._failure.setText(progress.failure or "The training ended unexpectedly; the log's last lines:")
        self._failure.setVisible(failed)
        lines = self._process.last_lines() if failed else []
        self._log.setPlainText("\n".join(lines))
        self._log.setVisible(bool(lines))
        self._result.setText(result_words(progress.metrics))
        self._result.setVisible(progress.metrics is not None)
        self._pause.setVisible(training)
        self._pause.setEnabled(training)
        self._kill.setVisible(training)
        self._kill.setEnabled(training)
        self._resume.setVisible(state in ("paused", "interrupted", "failed"))
        self._use.setEnabled(RunFolder(self.folder).best_model.is_file())
        self.changed.emit()

    @property
    def stage(self) -> str:
        """The stage that was begun last."""
        return self._progress.stage


def result_words(metrics: dict[str, object] | None) -> str:
    """What was measured on the dev photos, in a sentence; empty where there is nothing."""
    captions = (metrics or {}).get("captions")
    if not isinstance(captions, dict):
        return ""
    rows = {str(name): row for name, row in captions.items() if isinstance(row, dict)}
    own = next((row for name, row in rows.items() if name.startswith("SPIN off, greedy")), None)
    blind = next((row for name, row in rows.items() if name.startswith("blind")), None)
    if own is None or blind is None:
        return ""
    return (
        f"Captions of dev photos: CIDEr-D {own['cider_d']:.1f}, BLEU-4 {own['bleu_4']:.1f} "
        f"(with another photo in place of the right one: {blind['cider_d']:.1f} and {blind['bleu_4']:.1f})."
    )


def _button(text: str, tip: str, slot: object) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked=False: slot())  # type: ignore[operator]
    return button
