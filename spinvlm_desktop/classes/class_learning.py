"""Has a class question learnt by a process of its own, so that the window stays responsive and nothing is lost when it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.jobs.child_process import ChildProcess

UNKNOWN_FAILURE = "The classes couldn't be learnt."


class ClassLearning(QObject):
    """One at a time. What was learnt lies in the project's folder; a learning that is ended leaves what was there before."""

    progressed = Signal(int, int)
    """Photos looked at, and all."""
    ended = Signal(object, str)
    """The project's folder, and what is wrong; nothing where it was learnt."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = Path()
        self._learnt = False
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(self._on_finished)
        for failed in (self._process.failed_to_start, self._process.crashed):
            failed.connect(lambda sentence: self.ended.emit(self._folder, sentence))

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self, folder: Path, *, model: Path | None) -> None:
        """folder: of the project; model: None is the starter model."""
        self._folder, self._learnt = folder, False
        options = [] if model is None else ["--model", str(model)]
        self._process.start(["classes", "--json", "--project", str(folder), *options])

    def cancel(self) -> None:
        """End the one that is under way, if any, without a signal."""
        self._process.cancel()

    def _on_line(self, line: bytes) -> None:
        try:
            content: dict[str, Any] = json.loads(line)
            if "done" in content:
                self.progressed.emit(int(content["done"]), int(content["total"]))
            else:
                self._learnt = "folder" in content
        except (ValueError, KeyError, TypeError):
            return  # a library's own words

    def _on_finished(self, _code: int) -> None:
        self.ended.emit(self._folder, "" if self._learnt else self._process.last_error or UNKNOWN_FAILURE)
