"""Follows a run's events as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from training.run.events import History, event_of
from training.run.run_folder import RunFolder

HEAD_BYTES = 64
"""Of the first event, whose time distinguishes the file from another one."""
SLICE_LINES = 500
"""Of a long history that are read at a time, so that the window stays at hand."""


class RunMonitor(QObject):
    """Reads the whole history first, then what is new. A line that isn't whole yet waits for its end."""

    history_read = Signal(list)
    """list[Event]: in place of all events before"""
    events_read = Signal(list)
    """list[Event]"""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._events = RunFolder(folder).events
        self._offset, self._head = -1, b""
        self._history: History | None = None
        self._lines: Iterator[bytes] = iter(())
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._read_slice)

    def look(self) -> None:
        """Read what is new now, or begin to read the history."""
        if self._history is None:
            with suppress(OSError):  # the folder may go at any moment; what is shown stays, and the state says so
                self._read()

    def _read(self) -> None:
        size = self._events.stat().st_size if self._events.is_file() else 0
        if self._offset < 0:
            self._begin(size)
        elif size and size != self._offset:
            with self._events.open("rb") as file:
                head = file.read(len(self._head))
            if size < self._offset or head != self._head:  # a run that had failed was begun again
                self._begin(size)
            else:
                self._read_new()

    def stop(self) -> None:
        self._slices.stop()

    def _begin(self, size: int) -> None:
        """Read the history up to this size, which ends with a whole line."""
        content = b""
        if size:
            with self._events.open("rb") as file:
                content = file.read(size)
        whole = content[: content.rfind(b"\n") + 1]
        self._head = whole[:HEAD_BYTES]
        self._offset, self._history, self._lines = len(whole), History(), iter(whole.splitlines())
        self._slices.start()
        self._read_slice()

    def _read_slice(self) -> None:
        if self._history is None:
            return
        lines = list(islice(self._lines, SLICE_LINES))
        for line in lines:
            if (event := event_of(line)) is not None:
                self._history.take(event)
        if len(lines) < SLICE_LINES:
            history, self._history = self._history, None
            self._slices.stop()
            self.history_read.emit(history.events)

    def _read_new(self) -> None:
        with self._events.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        found = [event for line in whole.splitlines() if (event := event_of(line)) is not None]
        if any(event["event"] == "resumed" for event in found):
            self._begin(self._offset + len(whole))  # steps that were read before come again
            return
        self._offset += len(whole)
        if found:
            self.events_read.emit(found)
