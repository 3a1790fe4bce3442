"""Has a folder of captioned photos looked over by a process of its own, so that the window stays at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from spinvlm_desktop.captioned_data.data_findings import DataFindings
from spinvlm_desktop.system.program_command import program_command


class DataCheck(QObject):
    """One check at a time; a new one ends the one before."""

    progressed = Signal(int, int)
    """Photos opened, and all."""
    ended = Signal(object, str)
    """DataFindings and nothing, or None and what is wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._findings: DataFindings | None = None

    def start(self, folder: Path) -> None:
        """Opens every photo; `ended` tells what was found."""
        self.cancel()
        process = QProcess(self)
        process.readyReadStandardOutput.connect(lambda: self._read(process))
        process.finished.connect(lambda _code, _status: self._on_finished(process))
        self._process, self._findings = process, None
        command = program_command()
        process.start(command[0], [*command[1:], "check", "--json", "--data", str(folder)])

    def cancel(self) -> None:
        """End the check that is under way, if any; it isn't told of."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    @property
    def running(self) -> bool:
        return self._process is not None

    def _read(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            self._take(bytes(process.readLine().data()))

    def _take(self, line: bytes) -> None:
        try:
            content: dict[str, Any] = json.loads(line)
            if "done" in content:
                self.progressed.emit(int(content["done"]), int(content["total"]))
            else:
                self._findings = DataFindings.from_dict(content)
        except (ValueError, KeyError, TypeError):
            return  # a library's own words

    def _on_finished(self, process: QProcess) -> None:
        if process is not self._process:
            return
        self._read(process)
        self._process = None
        wrong = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        if self._findings is not None:
            self.ended.emit(self._findings, "")
        else:
            self.ended.emit(None, wrong[-1] if wrong else "The folder couldn't be looked over.")
