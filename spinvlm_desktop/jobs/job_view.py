"""The pages of a new job and of one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.widgets.labels import error_label, show_or_hide

LOOK_MS = 500
"""Between two looks at the job's files."""


class JobSetup(QWidget):
    """All fields of a new job. Says what is wanted; starts nothing itself. Takes files that are dropped anywhere on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.problem = error_label("What is wrong")

    def close_setup(self) -> None:
        """End what is under way."""

    def take_files(self, files: Sequence[Path]) -> None:
        """They were dropped here."""

    def show_error(self, sentence: str) -> None:
        """Empty hides it."""
        show_or_hide(self.problem, sentence)

    def error(self) -> str:
        """The sentence on show."""
        return self.problem.text()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.take_files(files)


class JobView(QWidget):
    """Follows a job until it is closed."""

    state_changed = Signal(str)
    """JobState"""
    resume_wanted = Signal()

    def __init__(self, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder: Path = job.path
        self.state: JobState | None = None
        self._job = job
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """See how far the job is now."""
        self.follow()
        state = self._job.state()
        if state != self.state:
            before, self.state = self.state, state
            self.show_state(state, before)
            self.state_changed.emit(state)

    def follow(self) -> None:
        """Read what is new."""

    def show_state(self, state: JobState, before: JobState | None) -> None:
        """The job is in another state than before; None: it wasn't looked at."""

    def close_view(self) -> None:
        """Follow the job no more; it goes on."""
        self._timer.stop()

    def withdraw(self) -> None:
        """Take the job out of the queue."""
        try:
            self._job.withdraw()
        except SpinVlmError as error:
            QMessageBox.warning(self, "Still waiting", str(error))
        self.look()
