"""Something done by a process of its own, which says as lines of JSON how far it is and what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal

from core.errors import ConfigError
from spinvlm_desktop.jobs.child_process import ChildProcess


class ChildTask(QObject):
    """One at a time; a new one ends the one before. Each that isn't cancelled ends with exactly one signal."""

    ended = Signal(object, str)
    """The result and nothing, or None and what is wrong."""
    unknown_failure: ClassVar[str] = ""
    """What is said where the process ended without a word."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._result: object = None
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(lambda _code: self.end(self._process.last_error or self.unknown_failure))
        self._process.failed_to_start.connect(self.end)
        self._process.crashed.connect(self.end)

    @property
    def running(self) -> bool:
        return self._process.running

    def run(self, arguments: Sequence[str]) -> None:
        """Start the process with these arguments of this program; `ended` says what came of it."""
        self._result = None
        self._process.start(arguments)

    def cancel(self) -> None:
        """End the process that is under way, if any, without a signal."""
        self._process.cancel()

    def read(self, content: Any) -> object:
        """A line that the process printed: the result, or None where it tells something else. May raise as JSON is read."""
        raise NotImplementedError

    def end(self, wrong: str) -> None:
        """wrong: what to say where there is no result."""
        self.ended.emit(self._result, "" if self._result is not None else wrong)

    def _on_line(self, line: bytes) -> None:
        try:
            result = self.read(json.loads(line))
        except (ConfigError, ValueError, KeyError, TypeError):
            return  # a library's own words
        if result is not None:
            self._result = result
