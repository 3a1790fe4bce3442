"""Downloads a pretrained model in a process of its own, which can be ended at any time and gone on with later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.jobs.child_process import ChildProcess

UNKNOWN_FAILURE = "The model couldn't be downloaded."


class ModelDownload(QObject):
    """One download at a time. What has come stays on the disk, however it ends."""

    progressed = Signal(object, object, object)
    """Bytes that are here, bytes of all, and seconds left or None."""
    ended = Signal(object, str)
    """Path of the model's folder and nothing, or None and what went wrong; not after a pause."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        """The model that is downloaded, or was last."""
        self._folder: Path | None = None
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(self._on_finished)
        for failed in (self._process.failed_to_start, self._process.crashed):
            failed.connect(lambda sentence: self.ended.emit(None, sentence))

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self, name: str) -> None:
        """name: organisation/model. Goes on with what is there already."""
        self.name, self._folder = name, None
        self._process.start(["models", "get", name, "--json"])

    def pause(self) -> None:
        """End it without a signal; the next start goes on."""
        self._process.cancel()

    def _on_line(self, line: bytes) -> None:
        try:
            content: dict[str, Any] = json.loads(line)
            if "folder" in content:
                self._folder = Path(content["folder"])
            else:
                left = content["seconds_left"]
                self.progressed.emit(int(content["done"]), int(content["total"]), None if left is None else float(left))
        except (ValueError, KeyError, TypeError):
            return  # a library's own words

    def _on_finished(self, _code: int) -> None:
        if self._folder is not None:
            self.ended.emit(self._folder, "")
        else:
            self.ended.emit(None, self._process.last_error or UNKNOWN_FAILURE)


class AnswerTimes(QObject):
    """How long models would take to answer on this computer, measured in a process of its own."""

    measured = Signal(object)
    """dict of seconds by the model's name; empty where it couldn't be measured"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._seconds: dict[str, float] = {}
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(lambda _code: self.measured.emit(self._seconds))
        for failed in (self._process.failed_to_start, self._process.crashed):
            failed.connect(lambda _sentence: self.measured.emit({}))

    def start(self) -> None:
        self._process.start(["models", "list", "--measure", "--json"])

    def cancel(self) -> None:
        self._process.cancel()

    def _on_line(self, line: bytes) -> None:
        try:
            rows = json.loads(line)["models"]
            self._seconds = {row["name"]: float(row["seconds"]) for row in rows if row["seconds"] is not None}
        except (ValueError, KeyError, TypeError):
            return
