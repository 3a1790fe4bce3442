"""What can be done with a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from spinvlm_desktop.jobs.job import RESUMABLE, JobState
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.flow_layout import FlowLayout


@dataclass(frozen=True)
class RunSituation:
    """What decides which buttons there are."""

    state: JobState
    in_stage: bool
    """Whether a stage is under way that could be finished."""
    pausing: bool
    finishing: bool
    stopping: bool
    has_model: bool
    has_card: bool


class RunButtons(QWidget):
    """Says what is wanted."""

    use_wanted = Signal()
    pause_wanted = Signal()
    resume_wanted = Signal()
    finish_wanted = Signal()
    stop_wanted = Signal()
    withdraw_wanted = Signal()
    measure_wanted = Signal()
    card_wanted = Signal()
    export_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = FlowLayout(self)

        def button(text: str, tip: str, wanted: Callable[[], None]) -> QPushButton:
            made = push_button(text, tip, wanted)
            row.addWidget(made)
            return made

        self.use = button("Use &in chat", "Ask this model in the chat tab; of a run that goes on, the best model so far",
                          self.use_wanted.emit)
        self.resume = button("&Resume", "Continue from the last checkpoint", self.resume_wanted.emit)
        self.pause = button("&Pause", "Write a checkpoint and stop; Resume goes on where it was", self.pause_wanted.emit)
        self.finish = button("Finish this sta&ge", "Start the next stage now, or the measurement after the last one",
                             self.finish_wanted.emit)
        self.stop = button("&Stop", "End the training; the best model so far stays", self.stop_wanted.emit)
        self.withdraw = button("Don't &wait", "Take the run out of the queue; it can be started later", self.withdraw_wanted.emit)
        self.measure = button("Measure SPI&N…", "What does this model invent, with SPIN off and on? In the tab Measure",
                              self.measure_wanted.emit)
        self.card = button("Mo&del card", "What the model learnt from, how, and all that was measured", self.card_wanted.emit)
        self.export = button("E&xport model file…", "Save the model as a file of its own, to keep or to give away",
                             self.export_wanted.emit)
        self.folder = button("&Open run folder", "Show the files of this run", self.folder_wanted.emit)

    def show_situation(self, now: RunSituation) -> None:
        training, done = now.state == "running", now.state == "finished"
        self.resume.setVisible(now.state in RESUMABLE)
        self.resume.setText("&Begin" if now.state == "new" else "&Resume")
        for button in (self.pause, self.finish, self.stop):
            button.setVisible(training)
        self.pause.setEnabled(training and not (now.pausing or now.stopping))
        self.pause.setText("Pausing…" if now.pausing and not now.stopping else "&Pause")
        self.finish.setEnabled(training and now.in_stage and not (now.finishing or now.pausing or now.stopping))
        self.finish.setText("Finishing this stage…" if now.finishing else "Finish this sta&ge")
        self.stop.setEnabled(training and not now.stopping)
        self.stop.setText("Stopping…" if now.stopping else "&Stop")
        self.withdraw.setVisible(now.state == "waiting")
        for button in (self.use, self.export):
            button.setEnabled(now.has_model)
            button.setVisible(now.has_model or training or done)
        self.card.setVisible(now.has_card)
        self.measure.setVisible(done)
        self.folder.setEnabled(now.state != "gone")
        _make_primary(self.use, done)
        _make_primary(self.resume, True)


def _make_primary(button: QPushButton, primary: bool) -> None:
    if button.property("primary") != primary:
        button.setProperty("primary", primary)
        button.style().polish(button)
