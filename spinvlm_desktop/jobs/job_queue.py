"""One job of a kind runs at a time; the others wait, and begin in their order while a window is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import SpinVlmError
from spinvlm_desktop.jobs.job import Job, next_in_queue

TURN_MS = 2000
"""Between two looks at the jobs, and whether a waiting one can begin."""


class JobQueue(QObject):
    """What waits is written in the jobs' folders; this looks at them every few seconds."""

    looked = Signal()
    """The jobs may be in other states than before."""
    not_started = Signal(str)
    """A job whose turn it was couldn't be started, and waits no longer. A sentence says why."""

    def __init__(
        self, jobs: Callable[[], Sequence[Job]], *, may_start: Callable[[Job], bool], parent: QObject | None = None
    ) -> None:
        """jobs: all of a kind; may_start: whether a job whose turn it is may begin."""
        super().__init__(parent)
        self._jobs, self._may_start = jobs, may_start
        self._refused: set[Path] = set()
        """Waiting jobs that couldn't be started, nor taken out of the queue."""
        self._timer = QTimer(self, interval=TURN_MS)
        self._timer.timeout.connect(self.take_turn)
        self._timer.start()

    def stop(self) -> None:
        """What waits goes on waiting."""
        self._timer.stop()

    def running(self) -> Path | None:
        """The job that runs now."""
        return next((job.path for job in self._jobs() if job.is_alive()), None)

    def begin(self, job: Job) -> None:
        """Have a job begin or go on now, or when nothing else runs. Raises SpinVlmError."""
        if self.running() is None and self._may_start(job):
            job.start()
        else:
            job.enqueue()
        self._refused.discard(job.path)
        self.looked.emit()

    def take_turn(self) -> None:
        """Start the job that has waited longest of those that may begin, where none runs."""
        if self.running() is None:
            job = next_in_queue([job for job in self._jobs() if job.path not in self._refused and self._may_start(job)])
            if job is not None:
                self._start(job)
        self.looked.emit()

    def _start(self, job: Job) -> None:
        try:
            job.start()
        except SpinVlmError as error:
            self._refused.add(job.path)
            with suppress(SpinVlmError):
                job.withdraw()
            self.not_started.emit(str(error))
