"""Has a folder of captioned photos checked by a process of its own, so that the window stays responsive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.jobs.child_process import ChildProcess
from training.data.data_findings import DataFindings

UNKNOWN_FAILURE = "The folder couldn't be checked."


class DataCheck(QObject):
    """One check at a time; a new one ends the one before."""

    progressed = Signal(int, int)
    """Photos opened, and all."""
    ended = Signal(object, str)
    """DataFindings and nothing, or None and what is wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._findings: DataFindings | None = None
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(self._on_finished)
        for failed in (self._process.failed_to_start, self._process.crashed):
            failed.connect(lambda sentence: self.ended.emit(None, sentence))

    def start(self, folder: Path) -> None:
        """Opens every photo; `ended` says what was found."""
        self._findings = None
        self._process.start(["check", "--json", "--data", str(folder)])

    def cancel(self) -> None:
        """End the check that is under way, if any, without a signal."""
        self._process.cancel()

    @property
    def running(self) -> bool:
        return self._process.running

    def _on_line(self, line: bytes) -> None:
        try:
            content: dict[str, Any] = json.loads(line)
            if "done" in content:
                self.progressed.emit(int(content["done"]), int(content["total"]))
            else:
                self._findings = DataFindings.from_dict(content)
        except (ValueError, KeyError, TypeError):
            return  # a library's own words

    def _on_finished(self, _code: int) -> None:
        if self._findings is not None:
            self.ended.emit(self._findings, "")
        else:
            self.ended.emit(None, self._process.last_error or UNKNOWN_FAILURE)
