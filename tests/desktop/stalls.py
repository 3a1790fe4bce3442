"""How long the event loop of the window is held up, whatever else the computer does meanwhile."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import Qt, QTimer

INTERVAL_S = 0.005
_SCHEDULE = Path("/proc/thread-self/schedstat")


class StallMeter:
    """Seconds between two turns of the loop that it was busy or waited for something; not those in which this thread was
    ready, but another one had the processor."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.turns = 0
        self._last = 0.0, 0.0
        self._timer = QTimer(interval=round(1000 * INTERVAL_S), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_turn)

    def __enter__(self) -> Self:
        gc.disable()  # a test's process has far more objects than the program's
        self._last = _clocks()
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.stop()
        gc.enable()

    def _on_turn(self) -> None:
        (wall, waited), self._last = self._last, _clocks()
        self.longest = max(self.longest, self._last[0] - wall - (self._last[1] - waited) - INTERVAL_S)
        self.turns += 1


def _clocks() -> tuple[float, float]:
    """The time, and how much of it this thread was kept from computing; where the system doesn't tell, only the time that
    it computed counts."""
    try:
        waited = int(_SCHEDULE.read_text().split()[1]) / 1e9
    except OSError:
        return time.thread_time(), 0.0
    return time.perf_counter(), waited
