"""Which word of an answer is on show, stepped through by hand or played."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

PLAY_INTERVAL = 700
"""Milliseconds a word."""


class WordSteps(QObject):
    """Words are known by their place in the answer."""

    moved = Signal(int)
    """This word is on show now; it may be the one before."""
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.index: int | None = None
        """The word on show."""
        self._count = 0
        self._timer = QTimer(self, interval=PLAY_INTERVAL)
        self._timer.timeout.connect(self._on_play_step)

    def set_count(self, count: int) -> None:
        """How many words there are; the one on show stays if there still is one in its place."""
        self._count = count
        if self.index is not None and self.index >= count:
            self.leave()

    def select(self, index: int) -> None:
        """Show the word in this place, if there is one, and stay there."""
        self.stop()
        self._go_to(index)

    def step(self, steps: int) -> None:
        """Go on to a later or an earlier word, and stay there."""
        self.select(self._place_after(steps))

    def leave(self) -> None:
        """No word is on show."""
        self.stop()
        self.index = None

    def toggle_playing(self) -> None:
        """Play, or stop that."""
        if self._timer.isActive():
            self.stop()
        else:
            self.play()

    def play(self) -> None:
        """Step through the words, from the first where the last is on show."""
        if self._count == 0:
            return
        if self.index is None or self._is_last():
            self._go_to(0)
        self._timer.start()
        self.playing_changed.emit(True)

    def stop(self) -> None:
        """Stay at the word on show."""
        self._timer.stop()
        self.playing_changed.emit(False)

    def _is_last(self) -> bool:
        return self.index == self._count - 1

    def _place_after(self, steps: int) -> int:
        start = -1 if self.index is None else self.index
        return max(0, min(self._count - 1, start + steps))

    def _go_to(self, index: int) -> None:
        if 0 <= index < self._count:
            self.index = index
            self.moved.emit(index)

    def _on_play_step(self) -> None:
        self._go_to(self._place_after(1))
        if self._is_last():
            self.stop()
