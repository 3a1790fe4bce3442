"""How many photos are answered, and how long the others take."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from spinvlm_desktop.batch.batch_request import photos_in_words
from spinvlm_desktop.widgets.controls import progress_bar
from spinvlm_desktop.widgets.layouts import row_of
from training.run.time_left import TimeLeft, duration

NOTHING = "Nothing asked yet."


class BatchProgress(QWidget):
    """A bar and a line."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0
        """Photos that were asked about since `begin`."""
        self._wanted = 0
        self._left = TimeLeft()
        self._bar = progress_bar("Progress", "Photos that are done")
        self._bar.setRange(0, 1)
        self._line = QLabel(NOTHING)
        self._line.setProperty("muted", True)
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        self._line.setAccessibleName("What is done")
        row_of((self._bar, 1), (self._line, 1), parent=self, margins=(), spacing=10)

    def begin(self, *, wanted: int, total: int) -> None:
        """So many photos are asked about; the others were answered before."""
        self.done, self._wanted, self._left = 0, wanted, TimeLeft()
        self._bar.setRange(0, total)
        self._show()

    def advance(self) -> None:
        """One more is done."""
        self.done += 1
        self._show()

    def rest(self, *, answered: int, total: int, words: str) -> None:
        """Nothing is asked now. words: instead of what is answered."""
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(answered)
        self.say(words or (f"{answered:,} of {photos_in_words(total)} answered." if answered else NOTHING))

    def say(self, words: str) -> None:
        """On the line."""
        self._line.setText(words)

    def in_words(self) -> str:
        """What came of the photos that were asked about."""
        return f"{self.done:,} of {photos_in_words(self._wanted)} answered, which are kept."

    def _show(self) -> None:
        self._bar.setValue(self._bar.maximum() - self._wanted + self.done)
        left = self._left.seconds(time.monotonic(), self.done, self._wanted)
        self.say(f"{self.done:,} of {photos_in_words(self._wanted)}" + (f" · {duration(left)} left" if left else ""))
