"""A process of this program that goes on when the window closes, and that the next start finds again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QProcess, QTimer

from core.files.atomic_file import write_text
from spinvlm_desktop.system.program_command import program_command

PROCESS_NAME = "process.json"
PATIENCE_MS = 5000


class DetachedProcess:
    """The process that works in one folder; a file in it says which one that is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / PROCESS_NAME

    @property
    def was_started(self) -> bool:
        """Whether there has been one, running or not."""
        return self._file.is_file()

    @property
    def start_name(self) -> str:
        """Of the start whose process runs; empty where none runs, or it has no name."""
        return "" if self.running() is None else str(self._known().get("start", ""))

    def start(self, arguments: Sequence[str], *, name: str = "") -> bool:
        """Start the program with these arguments. False where it can't be started. name: of this start. Raises OSError
        where it runs, but which process it is can't be written."""
        command = program_command()
        # Not a child of this process, so that it goes on when the window closes.
        started, pid = QProcess.startDetached(command[0], [*command[1:], *arguments], str(self._folder))
        if started:
            with suppress(psutil.NoSuchProcess):  # ended already; the log says why
                write_text(self._file, json.dumps({"pid": pid, "created": _created(psutil.Process(pid)), "start": name}))
        return started

    def running(self) -> psutil.Process | None:
        """The process that was started last, while it runs; a later one with the same number is another."""
        try:
            known = self._known()
            process = psutil.Process(int(known["pid"]))
            same = abs(_created(process) - float(known["created"])) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            return None

    def _known(self) -> dict[str, Any]:
        """What was written of the last start. Raises OSError, ValueError."""
        return json.loads(self._file.read_text(encoding="utf-8"))

    def end(self, *, wait: bool = False) -> None:
        """Ask it to end, and kill it and what it started where it still runs after 5 seconds. Returns at once, or waits."""
        process = self.running()
        if process is None:
            return
        tree = [process]
        with suppress(psutil.Error):  # it may end at any moment
            tree = [*process.children(recursive=True), process]
        _all(tree, psutil.Process.terminate)
        if wait:
            psutil.wait_procs(tree, timeout=PATIENCE_MS / 1000)
            _all(tree, psutil.Process.kill)
        else:
            QTimer.singleShot(PATIENCE_MS, lambda: _all(tree, psutil.Process.kill))


def _created(process: psutil.Process) -> float:
    """When it was created, in seconds that putting the clock right doesn't change."""
    # On Linux a process knows how long after the start of the computer it was created, and the clock tells when that was.
    return process.create_time() - (psutil.boot_time() if psutil.LINUX else 0)


def _all(tree: Sequence[psutil.Process], act: Callable[[psutil.Process], None]) -> None:
    for each in tree:
        with suppress(psutil.Error):
            act(each)
