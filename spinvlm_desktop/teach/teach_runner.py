"""Begins a teaching, follows it, and says how it ended. The model in use changes only where the new one is better."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import SpinVlmError
from core.files.bundled_models import starter_model_path
from spinvlm_desktop.jobs.job import find_jobs
from spinvlm_desktop.system.polled_files import exists, is_file
from spinvlm_desktop.teach.teach_job import TeachJob
from training.teaching.settings import TeachSettings

if TYPE_CHECKING:
    from training.teaching.report import TeachReport

LOOK_MS = 500
"""Between two looks at the job's files."""


class TeachRunner(QObject):
    """One teaching at a time. It goes on while the window is closed, and the next start hears of its end."""

    changed = Signal()
    """How far it is, or whether it runs."""
    ended = Signal()
    """By itself; see `report` and `failure`."""
    model_wanted = Signal(object)
    """Path of the model that is to answer from now on; None for the starter model."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.job: TeachJob | None = None
        """The one under way, else the one that ended last."""
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)

    def take_up(self) -> None:
        """Follow what was begun before the window was opened."""
        self.job = next(iter(find_jobs(self._folder, TeachJob)), None)
        if self.job is not None and not is_file(self.job.seen):
            self._timer.start()
            self._look()

    @property
    def running(self) -> bool:
        return self._timer.isActive()

    def begin(self, data: Sequence[Path], model: Path | None) -> None:
        """Teach this collection to a model; None is the starter model. Raises SpinVlmError."""
        self._forget_others()
        job = TeachJob(self._new_folder())
        job.prepare(TeachSettings(str(model or starter_model_path()), tuple(map(str, data))))
        self.job = job
        job.start()
        self._timer.start()
        self.changed.emit()

    def stop(self) -> None:
        """End the one under way; the model in use stays. Raises JobError."""
        if self.job is not None and self.running:
            self.job.end()

    def report(self) -> TeachReport | None:
        """Of the one that ended last; None where it has none. Raises DataError."""
        from training.teaching.report import TeachReport  # numpy, which the window needn't wait for

        if self.running or self.job is None or not self.job.is_finished():
            return None
        return TeachReport.read(self.job.files.report)

    def use_new(self) -> None:
        """Have the taught model answer. Raises JobError."""
        if self.job is not None:
            self.job.mark(self.job.kept)
            self.model_wanted.emit(self.job.files.best_model)

    def go_back(self) -> None:
        """Have the model before answer again. Raises DataError."""
        report = self.report()
        if report is not None:
            before = Path(report.model)
            self.model_wanted.emit(None if before == starter_model_path() else before)

    def close(self) -> None:
        """Before the window goes; the process goes on."""
        self._timer.stop()

    def _look(self) -> None:
        if self.job is None or self.job.is_alive():
            self.changed.emit()
            return
        self._timer.stop()
        with suppress(SpinVlmError):  # whoever asks for the report hears why
            self.job.mark(self.job.seen)
            report = self.report()
            if report is not None and report.outcome == "better":
                self.use_new()
        self.changed.emit()
        self.ended.emit()

    def _new_folder(self) -> Path:
        name = f"Taught {datetime.now():%Y-%m-%d %H.%M}"
        numbered = (self._folder / (name if number == 1 else f"{name} ({number})") for number in range(1, 1000))
        return next(path for path in numbered if not exists(path))

    def _forget_others(self) -> None:
        """Models that weren't taken into use give way."""
        for job in find_jobs(self._folder, TeachJob):
            if not is_file(job.kept) and not job.is_alive():
                shutil.rmtree(job.path, ignore_errors=True)
