"""All that a measurement does, step by step: how much of it is done, and how long the rest takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from training.batches.image_store import Progress
from training.run.time_left import RecentPace

StepKind = Literal["reading", "looking", "asking", "describing", "timing", "pointing"]


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
        self._paces: dict[StepKind, RecentPace] = {}
        self._on_progress, self._clock, self._last = on_progress, clock, clock()

    def begin(self, what: str) -> Progress:
        """The progress of a step, in units of its own. What happens between two steps counts as the later one's."""
        step = self._steps[what]

        def progress(done: int, total: int) -> None:
            now, part = self._clock(), min(1.0, done / max(1, total))
            pace = self._paces.setdefault(step.kind, RecentPace())
            pace.take(now - self._last, step.cost * max(0.0, part - self._done[what]))
            self._last, self._done[what] = now, max(part, self._done[what])
            self._on_progress(WorkProgress(what, done, total, self._part(), self._seconds_left()))

        return progress

    def _part(self) -> float:
        whole = sum(step.cost for step in self._steps.values())
        return sum(step.cost * self._done[what] for what, step in self._steps.items()) / whole

    def _seconds_left(self) -> float | None:
        """Each kind of step by its own pace, and those that weren't begun yet as the others compare with their costs."""
        paces = self._paces.values()
        usual = RecentPace(sum(pace.seconds for pace in paces), sum(pace.work for pace in paces)).each
        if usual is None:
            return None
        left = 0.0
        for what, step in self._steps.items():
            each = self._paces.get(step.kind, RecentPace()).each
            left += step.cost * (1 - self._done[what]) * (usual if each is None else each)
        return left
