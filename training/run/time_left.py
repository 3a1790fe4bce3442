"""How long something still takes, estimated from how fast it went lately. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

MEMORY_S = 120.0
"""After so many seconds what was done counts half: what else the computer does changes."""


@dataclass
class RecentPace:
    """How long work took, the latest most. Its unit is the caller's."""

    seconds: float = 0.0
    work: float = 0.0

    def take(self, seconds: float, work: float) -> None:
        """So much work was done in so many seconds."""
        remembered = 0.5 ** (seconds / MEMORY_S)
        self.seconds, self.work = self.seconds * remembered + seconds, self.work * remembered + work

    @property
    def each(self) -> float | None:
        """Seconds for a unit of work; None before any was done."""
        return self.seconds / self.work if self.work else None


class TimeLeft:
    """Seconds to the end of what is counted one by one."""

    def __init__(self) -> None:
        self.pace = RecentPace()
        self._last: tuple[float, int] | None = None

    def seconds(self, now: float, done: int, total: int) -> float | None:
        """None before there is a pace; a count that goes back starts over. now: a steady clock's seconds."""
        if self._last is None or done < self._last[1]:
            self.pace, self._last = RecentPace(), (now, done)
        elif done > self._last[1]:
            self.pace.take(now - self._last[0], done - self._last[1])
            self._last = (now, done)
        return None if self.pace.each is None else self.pace.each * (total - done)


def duration(seconds: float) -> str:
    """A rough time in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
