"""A process of this program that ends with it, and whose every end is a signal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal

from spinvlm_desktop.system.program_command import program_command

KILL_MS = 2000
NOT_STARTED = "The process couldn't be started: {reason}."
CRASHED = "The process ended unexpectedly; perhaps memory ran out, or the system ended it."


class ChildProcess(QObject):
    """One process at a time. Each start ends with exactly one of three signals, unless it was cancelled."""

    line_read = Signal(bytes)
    """A whole line of what it prints."""
    finished = Signal(int)
    """It ended by itself, with this exit code."""
    failed_to_start = Signal(str)
    """Why, in a sentence."""
    crashed = Signal(str)
    """It was ended from outside or by an error of its own, in a sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._last_error = ""

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def last_error(self) -> str:
        """The last line that the process which ended last wrote as an error; empty where there is none."""
        return self._last_error

    def start(self, arguments: Sequence[str], *, command: Sequence[str] | None = None) -> None:
        """End the process before, if any, and start another. command: another program than this one."""
        self.cancel()
        process = QProcess(self)
        process.readyReadStandardOutput.connect(lambda: self._read(process))
        process.errorOccurred.connect(lambda error: self._on_error(process, error))
        process.finished.connect(lambda code, status: self._on_finished(process, code, status))
        self._process, self._last_error = process, ""
        program, *first = program_command() if command is None else command
        process.start(program, [*first, *arguments])

    def cancel(self) -> None:
        """End the process that is under way, if any, without a signal."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(KILL_MS)
            process.deleteLater()

    def _read(self, process: QProcess) -> None:
        while process is self._process and process.canReadLine():
            self.line_read.emit(bytes(process.readLine().data()))

    def _on_error(self, process: QProcess, error: QProcess.ProcessError) -> None:
        # `finished` follows other errors.
        if process is self._process and error is QProcess.ProcessError.FailedToStart:
            reason = process.errorString().removesuffix(".")
            self._forget(process)
            self.failed_to_start.emit(NOT_STARTED.format(reason=reason))

    def _on_finished(self, process: QProcess, code: int, status: QProcess.ExitStatus) -> None:
        if process is not self._process:
            return
        self._read(process)
        if process is self._process:  # a listener may have cancelled it
            lines = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
            self._last_error = lines[-1] if lines else ""
            self._forget(process)
            if status is QProcess.ExitStatus.CrashExit:
                self.crashed.emit(CRASHED)
            else:
                self.finished.emit(code)

    def _forget(self, process: QProcess) -> None:
        self._process = None
        process.deleteLater()
