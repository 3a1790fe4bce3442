"""How long a run still takes, while it trains."""

from __future__ import annotations

from dataclasses import dataclass

from spinvlm_desktop.train.run.run_progress import PHASES, RunProgress
from training.run.pace import Pace
from training.run.time_left import TimeLeft

FINE_TUNE_RATIO = 1.7
"""How much slower than the warm-up a photo is in stage 2, where it isn't measured: 1.2 to 2.3 in runs on processors."""
REPORT_PASSES = 3.0
"""A photo of the report takes as long as in so many passes of the warm-up: 2.7 to 3.5 in runs on processors."""


@dataclass(frozen=True)
class Remaining:
    """Seconds; None where they can't be estimated yet."""

    part: float | None
    """Of what is under way: a stage, or one of the preparations."""
    whole: float | None
    """Of the run, if no stage ends early."""


class RunClock:
    """Estimates from the pace of the last minutes; what isn't under way yet, from what was measured before the start."""

    def __init__(self, pace: Pace | None = None) -> None:
        """pace: as it was measured beforehand."""
        self._part = TimeLeft()
        self._warm_up = pace.warm_up if pace is not None else 0.0
        self._ratio = pace.fine_tune / pace.warm_up if pace is not None and pace.warm_up > 0 else FINE_TUNE_RATIO

    def remaining(self, now: float, progress: RunProgress) -> Remaining:
        """now: a steady clock's seconds."""
        part = self._part.seconds(now, progress.done, progress.total) if progress.total else None
        if progress.in_stage:
            self._learn(progress)
            if part is None and self._warm_up and progress.total:
                each = self._warm_up * (self._ratio if progress.stage == "fine_tune" else 1)
                part = each * progress.photos * progress.passes[progress.stage] * (1 - progress.done / progress.total)
        if not self._warm_up:
            return Remaining(part, None)
        measuring = progress.phase == PHASES.index("Measuring")
        whole = self._to_come(progress) + (0.0 if measuring else part or 0.0)
        return Remaining(part, max(whole, part or 0.0) if part is not None or measuring else None)

    def _learn(self, progress: RunProgress) -> None:
        """Take over the pace of the stage under way, as seconds a photo of the warm-up."""
        passes = progress.passes.get(progress.stage, 0)
        if self._part.pace.each is not None and progress.photos and passes:
            each = self._part.pace.each * progress.total / passes / progress.photos
            self._warm_up = each / (self._ratio if progress.stage == "fine_tune" else 1)

    def _to_come(self, progress: RunProgress) -> float:
        """Seconds of what follows what is under way; of the report, also while it is made."""
        each = 0.0
        if progress.phase < PHASES.index("Warm-up"):
            each += self._warm_up * progress.passes.get("warm_up", 0)
        if progress.phase < PHASES.index("Fine-tuning"):
            each += self._warm_up * self._ratio * progress.passes.get("fine_tune", 0)
        report = self._warm_up * REPORT_PASSES * progress.report_photos
        return each * progress.photos + max(0.0, report - progress.measured_for)
