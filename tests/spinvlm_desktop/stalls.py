"""How long the event loop of the window is held up, whatever else the computer does meanwhile."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import Qt, QTimer

INTERVAL_S = 0.005
STALL_S = 0.05
RARE = 0.005
"""Part of the turns that may be late: a busy disk, or another computer on the same hardware, holds up anything."""
_SCHEDULE = Path("/proc/thread-self/schedstat")


class StallMeter:
    """Measures each turn of the loop: what was computed in it, and how long it took without the time in which this thread was
    ready, but another one had the processor."""

    def __init__(self) -> None:
        self.computed = 0.0
        """Seconds, the most in one turn."""
        self.turns = self._late = 0
        self._last = _clocks()
        self._timer = QTimer(interval=round(1000 * INTERVAL_S), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_turn)

    @property
    def smooth(self) -> bool:
        """Whether nothing was computed for long, and nothing was waited for that comes again and again."""
        return self.turns > 0 and self.computed < STALL_S and self._late <= max(1, RARE * self.turns)

    def __str__(self) -> str:
        return f"{1000 * self.computed:.0f} ms computed at once; {self._late} of {self.turns} turns late"

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
        before, self._last = self._last, _clocks()
        computed, taken, kept_waiting = (now - then for now, then in zip(self._last, before, strict=True))
        self.computed = max(self.computed, computed)
        self._late += taken - kept_waiting - INTERVAL_S > STALL_S
        self.turns += 1


def _clocks() -> tuple[float, float, float]:
    """Seconds that this thread has computed, the time, and seconds that it was kept from computing; where the system doesn't
    tell the last, only what was computed counts."""
    computed = time.thread_time()
    try:
        return computed, time.perf_counter(), int(_SCHEDULE.read_text().split()[1]) / 1e9
    except OSError:
        return computed, computed, 0.0
