"""How fast this computer trains, measured by a process of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal

from core.errors import ConfigError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.child_process import ChildProcess
from training.run.pace import Pace
from training.run.training_config import TrainingConfig

UNKNOWN_FAILURE = "The time couldn't be measured."
class PaceProbe(QObject):
    """Trains for a short while in a process of its own; one measurement at a time."""

    ended = Signal(object, str)
    """Pace and nothing, or None and what is wrong; empty where it was cancelled."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: TemporaryDirectory[str] | None = None
        self._pace: Pace | None = None
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(lambda _code: self._end(self._process.last_error or UNKNOWN_FAILURE))
        self._process.failed_to_start.connect(self._end)
        self._process.crashed.connect(self._end)

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self, config: TrainingConfig) -> None:
        """Train for a short while with these settings; `ended` says how fast it was."""
        self._tidy_up()
        self._pace = None
        try:
            self._folder = TemporaryDirectory(prefix="spinvlm-probe-", ignore_cleanup_errors=True)
            settings = Path(self._folder.name) / "settings.json"
            write_text(settings, json.dumps(config.to_dict()))
        except OSError as error:
            self._end(f"The time couldn't be measured: {reason_of(error)}.")
        else:
            self._process.start(["probe", "--config", str(settings), "--out", self._folder.name])

    def cancel(self) -> None:
        """End it, without a result."""
        if self.running:
            self._pace = None
            self._end("")

    def _on_line(self, line: bytes) -> None:
        with suppress(ConfigError, ValueError, KeyError, TypeError):  # a library's own words
            self._pace = Pace.from_dict(json.loads(line))

    def _end(self, wrong: str) -> None:
        """wrong: what to say where nothing was measured."""
        self._tidy_up()
        self.ended.emit(self._pace, "" if self._pace is not None else wrong)

    def _tidy_up(self) -> None:
        self._process.cancel()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
