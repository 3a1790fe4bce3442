"""Follows a run's events as they are written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from spinvlm_desktop.training_tab.run_state import run_state
from training.events import event_of, replay
from training.run_folder import RunFolder

INTERVAL_MS = 500


class RunMonitor(QObject):
    """First tells the whole history, then what is new. A line that isn't whole yet waits for its end."""

    history_read = Signal(list)
    """list[Event]: forget what was told before"""
    events_read = Signal(list)
    """list[Event]"""
    state_changed = Signal(str)
    """RunState"""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._events = RunFolder(folder).events
        self._offset = -1
        self._state = ""
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Read what is new now."""
        size = self._events.stat().st_size if self._events.is_file() else 0
        if self._offset < 0 or size < self._offset:
            self._read_all(size)
        elif size > self._offset:
            self._read_new()
        state = run_state(self.folder)
        if state != self._state:
            self._state = state
            self.state_changed.emit(state)

    def stop(self) -> None:
        self._timer.stop()

    def _read_all(self, size: int) -> None:
        self._offset = size
        self.history_read.emit(replay(self._events))

    def _read_new(self) -> None:
        with self._events.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        found = [event for line in whole.splitlines() if (event := event_of(line)) is not None]
        if any(event["event"] == "resumed" for event in found):
            self._read_all(self._offset + len(whole))  # steps that were told come again
            return
        self._offset += len(whole)
        if found:
            self.events_read.emit(found)
