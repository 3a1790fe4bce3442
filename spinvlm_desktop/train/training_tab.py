"""The training tab: runs at the left, a new run or the chosen ones beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.jobs.job_tab import JobTab, JobTabWords
from spinvlm_desktop.jobs.job_view import JobSetup, JobView
from spinvlm_desktop.system.polled_files import exists
from spinvlm_desktop.train.run.training_job import UNFINISHED, TrainingJob
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.layouts import column_of
from training.run.pace import keep_pace
from training.run.training_config import TrainingConfig

if TYPE_CHECKING:
    from spinvlm_desktop.train.run.run_view import RunView
    from spinvlm_desktop.train.setup.setup_view import SetupView

WORDS = JobTabWords(
    list_name="Training runs", new="New model", new_tip="Train another model", none_yet="What you train is listed here.",
    compare="Compare curves", compare_tip="Show the losses of the chosen runs in one plot; Ctrl+click chooses several",
    rename_label="Name of the run and of its model:", not_started="Training not started",
)


class TrainingTab(JobTab):
    """One run trains at a time; others wait for their turn, which comes while the window is open."""

    model_wanted = Signal(object)
    """Path of the model that is to be used in the chat."""
    measurement_wanted = Signal(object, object, str)
    """Path of the model that is to be measured, of its photos' folder, and the run's name."""
    captioning_wanted = Signal(object)
    """Path of a folder whose photos are to be captioned."""
    classes_wanted = Signal()
    """The page on which photos are sorted into classes is to be shown."""
    run_changed = Signal(str)
    """A sentence: a run has ended, or another has begun by itself."""

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        self._runs = runs
        super().__init__(WORDS, TrainingJob, runs, parent)
        self.job_renamed.connect(self._on_renamed)

    @property
    def setup(self) -> SetupView:
        """The page for a new run."""
        return cast("SetupView", self.setup_page())

    @property
    def run(self) -> RunView | None:
        """The page of a run, where one is on show."""
        return cast("RunView | None", self.view)

    def make_left(self) -> QWidget:
        classes = push_button(
            "Classes as a question…", "Sort photos into classes; the model answers which one it is, in seconds",
            self.classes_wanted.emit,
        )
        left = QWidget()
        column_of((super().make_left(), 1), classes, parent=left, margins=())
        return left

    def unfinished(self) -> Sequence[Path]:
        """Of the runs that are listed, those that were paused or cut off and can be resumed."""
        return [folder for folder, state in self.list.states().items() if state in UNFINISHED]

    def first_shown(self) -> Path | None:
        return self.running() or next(iter(self.unfinished()), None)

    def make_setup(self) -> JobSetup:
        from spinvlm_desktop.train.setup.setup_view import SetupView

        setup = SetupView(self._runs)
        setup.run_wanted.connect(self.start_run)
        setup.data.captioning_wanted.connect(self.captioning_wanted)
        return setup

    def job_page(self, folder: Path) -> JobView:
        from spinvlm_desktop.train.run.run_view import RunView  # brings pyqtgraph, which the window needn't wait for

        view = RunView(folder)
        view.model_wanted.connect(self.model_wanted)
        view.measurement_wanted.connect(self.measurement_wanted)
        view.resume_wanted.connect(lambda: self._resume(TrainingJob(folder)))
        return view

    def comparison_page(self, folders: Sequence[Path]) -> QWidget | None:
        from spinvlm_desktop.train.curves.loss_compare import LossCompare  # brings pyqtgraph

        return LossCompare(folders)

    def start_run(self, name: str, config: TrainingConfig) -> None:
        """Have a new run begin when it is its turn, and show it."""
        job = TrainingJob(self._runs / name)
        if exists(job.path):
            self.setup.show_error(f"There is a run named “{name}”; choose another name.")
            return
        try:
            job.prepare(config)
            if self.setup.needs.pace is not None:
                keep_pace(job.path, self.setup.needs.pace)
            self.begin(job)
        except SpinVlmError as error:
            self.setup.show_error(str(error))
            return
        self.setup.offer_name()
        self.show_job(job.path)

    def _resume(self, job: TrainingJob) -> None:
        try:
            self.begin(job)
        except SpinVlmError as error:
            QMessageBox.warning(self, WORDS.not_started, str(error))

    def on_job_changed(self, job: Job, before: JobState, after: JobState) -> None:
        if before == "running":
            joined = " is" if after == "finished" else ":"
            self.run_changed.emit(f"The training of “{job.name}”{joined} {job.state_words(after)}.")
        elif before == "waiting" and after == "running":
            self.run_changed.emit(f"“{job.name}” was next in the queue and is being trained now.")

    def _on_renamed(self, old: Path, new: Path) -> None:
        """A new run that is to go on from the renamed one's model goes on from it all the same."""
        if self._setup is not None:
            self.setup.model.follow_rename(old, new)
