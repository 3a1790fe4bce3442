"""A tab of jobs: their list at the left, a new one or the chosen ones beside it. One runs at a time, others wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QFile, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QInputDialog, QMessageBox, QScrollArea, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.folder_names import moved, rename_job
from spinvlm_desktop.jobs.job import Job, JobState, find_jobs
from spinvlm_desktop.jobs.job_list import JobList
from spinvlm_desktop.jobs.job_queue import JobQueue
from spinvlm_desktop.jobs.job_view import JobSetup, JobView
from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import column_of, divided


@dataclass(frozen=True)
class JobTabWords:
    """What a tab calls its jobs."""

    list_name: str
    new: str
    new_tip: str
    none_yet: str
    """In place of an empty list."""
    compare: str
    compare_tip: str
    rename_label: str
    not_started: str
    """Title of a message."""


class JobTab(QWidget):
    """What the two tabs have in common; each says what its jobs and its pages are."""

    job_renamed = Signal(object, object)
    """The folder's old and new path."""
    progress_changed = Signal(object)
    """How much of the job that runs is done, from 0 to 1; None where none runs, or that isn't known."""

    def __init__(self, words: JobTabWords, kind: type[Job], folder: Path, parent: QWidget | None = None) -> None:
        """folder: of all jobs of this kind."""
        super().__init__(parent)
        self._words, self._kind, self._folder = words, kind, folder
        self.view: JobView | None = None
        """The page of a single job, where one is on show."""
        self._setup: JobSetup | None = None
        self._shown: Sequence[Path] = ()
        self.list = JobList(self._jobs, compare=words.compare)
        self.list.setAccessibleName(words.list_name)
        self.list.setToolTip("Enter shows one, F2 renames it, Delete moves it to the bin; choose several to compare them")
        self.list.job_chosen.connect(self._on_chosen)
        self.list.rename_wanted.connect(self._on_rename)
        self.list.compare_wanted.connect(self.compare_chosen)
        self.list.delete_wanted.connect(self._on_delete)
        self.list.job_changed.connect(self.on_job_changed)
        self.list.choice_changed.connect(self._show_counts)
        self._right = QScrollArea()
        self._right.setWidgetResizable(True)
        self._right.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        columns = divided(self.make_left(), self._right, sizes=(220, 1040), collapsible=True)
        column_of(columns, parent=self, margins=(10, 8, 10, 8))
        self.queue = JobQueue(self._jobs, may_start=self.may_start, parent=self)
        self.queue.looked.connect(self.refresh)
        self.queue.not_started.connect(lambda sentence: QMessageBox.warning(self, words.not_started, sentence))
        self.refresh()

    def make_left(self) -> QWidget:
        """The list, with what begins and compares jobs."""
        words = self._words
        new = push_button(words.new, words.new_tip, self.show_setup, primary=True)
        self._none = sentence_label(words.list_name, words.none_yet, muted=True)
        self.compare_button = push_button(words.compare, words.compare_tip, self.compare_chosen)
        left = QWidget()
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        column_of(new, (self._none, 1), (self.list, 1), self.compare_button, parent=left, margins=())
        return left

    def _jobs(self) -> Sequence[Job]:
        return find_jobs(self._folder, self._kind)

    # -- what each tab says of itself

    def make_setup(self) -> JobSetup:
        """A page for a new job."""
        raise NotImplementedError

    def job_page(self, folder: Path) -> JobView:
        """A page for a job."""
        raise NotImplementedError

    def comparison_page(self, folders: Sequence[Path]) -> QWidget | None:
        """Several jobs side by side; None where they can't be compared."""
        raise NotImplementedError

    def comparable(self) -> list[Path]:
        """Those chosen in the list that can be compared."""
        return self.list.chosen()

    def first_shown(self) -> Path | None:
        """The job to show first; None: the page for a new one."""
        raise NotImplementedError

    def may_start(self, job: Job) -> bool:
        """Whether a job whose turn it is may begin."""
        return True

    def on_job_changed(self, job: Job, before: JobState, after: JobState) -> None:
        """A listed job is in another state."""

    # -- pages

    def page(self) -> QWidget | None:
        """What is on show beside the list."""
        return self._right.widget()

    def showEvent(self, event: QShowEvent) -> None:
        """The first time with the job that needs looking after, where there is one."""
        super().showEvent(event)
        if self._right.widget() is None:  # pyright: ignore[reportUnnecessaryComparison]
            first = self.first_shown()
            if first is None:
                self.show_setup()
            else:
                self.show_job(first)

    def setup_page(self) -> JobSetup:
        """The page for a new job; made when it is first wanted, so that the window needn't wait for it."""
        if self._setup is None:
            self._setup = self.make_setup()
        return self._setup

    def show_setup(self) -> None:
        """Show the page for a new job."""
        self._replace(self.setup_page(), None, ())

    def show_job(self, folder: Path) -> None:
        """A job's page."""
        view = self.job_page(folder)
        view.state_changed.connect(lambda _state: self.refresh())
        self._replace(view, view, [folder])

    def to_compare(self) -> list[Path]:
        """Those chosen in the list where they are several, else all that are finished."""
        chosen = self.comparable()
        states = self.list.states()
        return chosen if len(chosen) > 1 else [folder for folder, state in states.items() if state == "finished"]

    def compare_chosen(self) -> None:
        """Jobs side by side."""
        folders = self.to_compare()
        page = self.comparison_page(folders) if len(folders) > 1 else None
        if page is not None:
            self._replace(page, None, folders)

    def show_again(self, folders: Sequence[Path]) -> None:
        """Show these, which were on show, as they are now."""
        if len(folders) == 1:
            self.show_job(folders[0])
        elif (page := self.comparison_page(folders)) is not None:
            self._replace(page, None, folders)

    def _replace(self, page: QWidget, view: JobView | None, shown: Sequence[Path]) -> None:
        """Put a page beside the list. shown: the jobs that it is about."""
        before = self._right.takeWidget()
        if self.view is not None:
            self.view.close_view()
        if before is not None and before is not self._setup:  # pyright: ignore[reportUnnecessaryComparison]
            before.deleteLater()
        self.view, self._shown = view, shown
        self._right.setWidget(page)
        self.list.refresh()
        self.list.mark(shown)

    def refresh(self) -> None:
        """List the jobs as they are now."""
        self.list.refresh()
        running = next((folder for folder, state in self.list.states().items() if state == "running"), None)
        self.progress_changed.emit(None if running is None else self._kind(running).part_done())

    def close_tab(self) -> None:
        """Before the window goes; what runs goes on."""
        self.queue.stop()
        if self._setup is not None:
            self._setup.close_setup()
        if self.view is not None:
            self.view.close_view()

    def _show_counts(self) -> None:
        count = self.list.count()
        self._none.setVisible(count == 0)
        self.list.setVisible(count > 0)
        self.compare_button.setVisible(count > 1)
        self.compare_button.setEnabled(len(self.to_compare()) > 1)

    def _on_chosen(self, folder: Path) -> None:
        if self.view is None or self.view.folder != folder:
            self.show_job(folder)

    def running(self) -> Path | None:
        """The job that runs now; none that is finished, though its process still ends."""
        return next((job.path for job in self._jobs() if job.state() == "running"), None)

    def begin(self, job: Job) -> None:
        """Have a job begin or go on now, or when nothing else runs. Raises SpinVlmError."""
        self.queue.begin(job)
        if self.view is not None and self.view.folder == job.path:
            self.view.look()

    # -- the list

    def _on_rename(self, folder: Path) -> None:
        name = folder.name
        while True:  # what was typed stays until it can be a name, or is given up
            name, wanted = QInputDialog.getText(self, "Rename", self._words.rename_label, text=name)
            if not wanted or name.strip() == folder.name or self.rename(folder, name.strip()):
                return

    def rename(self, folder: Path, name: str) -> bool:
        """Give a job another name. False, and a message says why, where that can't be."""
        try:
            new = rename_job(self._kind(folder), name)
        except SpinVlmError as error:
            QMessageBox.warning(self, "Not renamed", str(error))
            return False
        self.job_renamed.emit(folder, new)
        if folder in self._shown:
            self.show_again([moved(shown, folder, new) for shown in self._shown])
        else:
            self.refresh()
        return True

    def _on_delete(self, folders: list[Path]) -> None:
        for folder in folders:
            self.delete(folder)

    def delete(self, folder: Path) -> None:
        """Move a job to the bin; where that can't be, a message says why."""
        job = self._kind(folder)
        if job.is_alive():
            QMessageBox.information(
                self, "Not deleted", f"“{job.name}” is {job.running_word}; pause it first, then it can be deleted."
            )
            return
        if self.view is not None and self.view.folder == folder:
            self.show_setup()
        if not QFile.moveToTrash(str(folder)):
            QMessageBox.warning(self, "Not deleted", f"The folder {folder} couldn't be moved to the bin.")
        self.refresh()
