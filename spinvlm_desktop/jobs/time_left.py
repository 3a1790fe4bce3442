"""How long something still takes, estimated from its pace."""

from __future__ import annotations


class TimeLeft:
    """Seconds to the end, from the pace of the last minutes."""

    KEPT_S = 180.0

    def __init__(self) -> None:
        self._marks: list[tuple[float, int]] = []

    def seconds(self, now: float, done: int, total: int) -> float | None:
        """None before there is a pace. now: a steady clock's seconds."""
        if self._marks and done < self._marks[-1][1]:
            self._marks = []
        if not self._marks or self._marks[-1][1] != done:
            self._marks.append((now, done))
        self._marks = [mark for mark in self._marks if now - mark[0] <= self.KEPT_S] or self._marks[-1:]
        return self.pace * (total - done) if self.pace is not None else None

    @property
    def pace(self) -> float | None:
        """Seconds for one of what is counted, as `seconds` found it last."""
        (start, first), (end, last) = (self._marks[0], self._marks[-1]) if self._marks else ((0.0, 0), (0.0, 0))
        return (end - start) / (last - first) if last > first else None


def duration(seconds: float) -> str:
    """A rough time in words."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
