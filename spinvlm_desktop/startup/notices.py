"""Notices in the status line, each long enough to be read."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QStatusBar

SHOWN_MS = 15_000
READING_MS = 5_000
"""What a sentence takes to be noticed and read."""


class Notices(QObject):
    """The latest notice is shown at once; one that it came too early for comes again afterwards."""

    def __init__(self, bar: QStatusBar, *, reading_ms: int = READING_MS) -> None:
        super().__init__(bar)
        self._bar, self._reading_ms = bar, reading_ms
        self._shown: tuple[str, float] | None = None
        """The notice, and since when (seconds)."""
        self._waiting: list[str] = []
        self._timer = QTimer(self, singleShot=True, interval=reading_ms)
        self._timer.timeout.connect(self._on_read)

    def show(self, sentence: str) -> None:
        """Show it now."""
        if self._shown is not None and 1000 * (time.monotonic() - self._shown[1]) < self._reading_ms:
            self._waiting.append(self._shown[0])
        self._shown = sentence, time.monotonic()
        self._bar.showMessage(sentence, SHOWN_MS)
        self._timer.start()

    def _on_read(self) -> None:
        self._shown = None
        if self._waiting:
            self.show(self._waiting.pop(0))
