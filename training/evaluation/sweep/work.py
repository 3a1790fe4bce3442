"""All that a measurement does, step by step: how much of it is done, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from training.batches.image_store import Progress

StepKind = Literal["reading", "looking", "asking", "describing", "timing", "pointing"]
MEMORY_S = 120.0
"""After so many seconds a pace counts half: what else the computer does changes."""


@dataclass(frozen=True)
class Step:
    """A piece of a measurement."""

    what: str
    """In words; no two steps have the same."""
    kind: StepKind
    """Steps of one kind have one pace."""
    cost: float
    """Seconds that all of it takes on some computer; only how costs compare counts."""
    kept: float = 0.0
    """The part of it that was done before, from 0 to 1."""


@dataclass(frozen=True)
class WorkProgress:
    """How far a measurement is."""

    what: str
    """The step under way."""
    done: int
    total: int
    """Of this step, in its own units."""
    part: float
    """Of the whole measurement, from 0 to 1."""
    seconds_left: float | None
    """To the end of the measurement; None before there is a pace."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        left = self.seconds_left
        return {"what": self.what, "done": self.done, "total": self.total, "part": round(self.part, 4),
                "seconds_left": None if left is None else round(left, 1)}


class Work:
    """Takes the progress of single steps and gives that of all of them together."""

    def __init__(
        self, steps: Sequence[Step], on_progress: Callable[[WorkProgress], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """clock: seconds that never go back."""
        self._steps = {step.what: step for step in steps}
        self._done = {step.what: step.kept for step in steps}
        self._paces: dict[StepKind, _Pace] = {}
        self._on_progress, self._clock, self._last = on_progress, clock, clock()

    def begin(self, what: str) -> Progress:
        """The progress of a step, in units of its own. What happens between two steps counts as the later one's."""
        step = self._steps[what]

        def progress(done: int, total: int) -> None:
            now, part = self._clock(), min(1.0, done / max(1, total))
            pace = self._paces.setdefault(step.kind, _Pace())
            pace.take(now - self._last, step.cost * max(0.0, part - self._done[what]))
            self._last, self._done[what] = now, max(part, self._done[what])
            self._on_progress(WorkProgress(what, done, total, self._part(), self._seconds_left()))

        return progress

    def _part(self) -> float:
        whole = sum(step.cost for step in self._steps.values())
        return sum(step.cost * self._done[what] for what, step in self._steps.items()) / whole

    def _seconds_left(self) -> float | None:
        """Each kind of step by its own pace, and those that weren't begun yet as the others compare with their costs."""
        cost = sum(pace.cost for pace in self._paces.values())
        if not cost:
            return None
        usual = sum(pace.seconds for pace in self._paces.values()) / cost
        left = 0.0
        for what, step in self._steps.items():
            pace = self._paces.get(step.kind)
            each = usual if pace is None or not pace.cost else pace.seconds / pace.cost
            left += step.cost * (1 - self._done[what]) * each
        return left


@dataclass
class _Pace:
    """What steps of one kind took, the latest most."""

    seconds: float = 0.0
    cost: float = 0.0

    def take(self, seconds: float, cost: float) -> None:
        forgotten = 0.5 ** (seconds / MEMORY_S)
        self.seconds, self.cost = self.seconds * forgotten + seconds, self.cost * forgotten + cost
