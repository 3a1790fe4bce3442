"""The process that works on a job. It goes on when the window closes, and the next start finds it again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QProcess, QTimer

from core.errors import SpinVlmError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.system.program_command import program_command

PROCESS_NAME = "process.json"
PATIENCE_MS = 5000
"""For which a process that was asked to end may still run."""


class JobError(SpinVlmError):
    """A job can't start, can't be reached, or can't be kept."""


class JobProcess:
    """The process that works in one folder; a file in it says which one that is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / PROCESS_NAME

    @property
    def was_started(self) -> bool:
        """Whether there has been one, running or not."""
        return is_file(self._file)

    @property
    def started_at(self) -> float | None:
        """When the last one was created, in seconds since the epoch; None where that isn't known."""
        try:
            since = float(self._known()["created"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return since + (psutil.boot_time() if psutil.LINUX else 0)

    @property
    def start_name(self) -> str:
        """Of the start whose process runs; empty where none runs, or it has no name."""
        try:
            return "" if self.running() is None else str(self._known().get("start", ""))
        except (OSError, ValueError):
            return ""

    def start(self, arguments: Sequence[str], *, name: str = "") -> None:
        """Start the program with these arguments. name: of this start.

        Raises JobError where it can't be started, or runs but which process it is can't be written.
        """
        command = program_command()
        # Not a child of this process, so that it goes on when the window closes.
        started, pid = QProcess.startDetached(command[0], [*command[1:], *arguments], str(self._folder))
        if not started:
            raise JobError(f"{command[0]} couldn't be started.")
        try:
            with suppress(psutil.NoSuchProcess):  # ended already; the log says why
                write_text(self._file, process_record(psutil.Process(pid), start=name))
        except OSError as error:
            raise JobError(f"The process runs, but {self._folder} can't be written: {reason_of(error)}.") from error

    def running(self) -> psutil.Process | None:
        """The process that was started last, while it runs; a later one with the same number is another."""
        try:
            known = self._known()
            process = psutil.Process(int(known["pid"]))
            same = abs(_created(process) - float(known["created"])) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None

    def end(self, *, wait: bool = False) -> None:
        """Ask it to end, and kill it and what it started where it still runs after 5 seconds. Returns at once, or waits."""
        process = self.running()
        if process is None:
            return
        tree = [process]
        with suppress(psutil.Error):  # it may end at any moment
            tree = [*process.children(recursive=True), process]
        _each(tree, psutil.Process.terminate)
        if wait:
            psutil.wait_procs(tree, timeout=PATIENCE_MS / 1000)
            _each(tree, psutil.Process.kill)
        else:
            QTimer.singleShot(PATIENCE_MS, lambda: _each(tree, psutil.Process.kill))

    def _known(self) -> dict[str, Any]:
        """What was written of the last start. Raises OSError, ValueError."""
        known = json.loads(self._file.read_text(encoding="utf-8"))
        return known if isinstance(known, dict) else {}


def process_record(process: psutil.Process, *, start: str = "") -> str:
    """What is written of a process, by which it is found again."""
    return json.dumps({"pid": process.pid, "created": _created(process), "start": start})


def _created(process: psutil.Process) -> float:
    """When it was created, in seconds that putting the clock right doesn't change."""
    # On Linux a process knows how long after the start of the computer it was created, and the clock says when that was.
    return process.create_time() - (psutil.boot_time() if psutil.LINUX else 0)


def _each(tree: Sequence[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for process in tree:
        with suppress(psutil.Error):
            act(process)
