"""Has a folder of captioned photos looked over by a process of its own, so that the window stays at hand."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from spinvlm_desktop.training_tab.run_process import program_command


class DataCheck(QObject):
    """One check at a time; a new one ends the one before."""

    ended = Signal(bool, str)
    """Whether there is something to train on, and what was found or is wrong."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None

    def start(self, folder: Path) -> None:
        """Opens every photo; `ended` tells what was found."""
        self.cancel()
        process = QProcess(self)
        process.finished.connect(lambda code, _status: self._on_finished(process, code))
        self._process = process
        command = program_command()
        process.start(command[0], [*command[1:], "check", "--data", str(folder)])

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

    def _on_finished(self, process: QProcess, code: int) -> None:
        if process is not self._process:
            return
        self._process = None
        found = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        wrong = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        process.deleteLater()
        self.ended.emit(code == 0, found or wrong.splitlines()[-1] if (found or wrong) else "The folder couldn't be checked.")
