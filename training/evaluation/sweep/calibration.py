"""Which setting of SPIN is really best for a model, which may be none.

The best of many settings looks better than it is: on the photos by which it was chosen it had luck. So one half of the
photos chooses, and the other half, which had no say, shows what the choice is worth. Unless it is clearly better there too,
without costing more than it may, SPIN stays off. All figures that are kept with the choice are those of the second half.

Shapes: N photos.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.config import SpinConfig
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.metrics.probe_scores import accuracy_of, f1_of
from training.evaluation.sweep.sweep_rows import SEED, FloatArray, PhotoScores, gain_interval, shares

TOLERANCE = 0.01
"""Part of SPIN off's CIDEr-D and recall, and accuracy where there are probes, that a setting may lose."""
Goal = Literal["chair", "probes"]


@dataclass(frozen=True)
class Candidate:
    """A setting and what it scored on each photo."""

    name: str
    spin: SpinConfig | None
    photos: PhotoScores
    probes: FloatArray | None = None
    """[N, 6]: see probe_scores."""

    def of(self, photos: Sequence[int]) -> Candidate:
        """The same on some of the photos."""
        return Candidate(self.name, self.spin, self.photos.of(photos), None if self.probes is None else self.probes[photos])

    @property
    def f1(self) -> float | None:
        return None if self.probes is None else float(f1_of(self.probes[None])[0])

    @property
    def accuracy(self) -> float | None:
        return None if self.probes is None else float(accuracy_of(self.probes[None])[0])

    def figures(self) -> dict[str, float]:
        """What a choice is judged by, for people to read."""
        found = {"chair_i": self.photos.chair_i, "recall": self.photos.recall, "cider_d": self.photos.mean_cider_d}
        return found if self.f1 is None or self.accuracy is None else {**found, "f1": self.f1, "accuracy": self.accuracy}


@dataclass(frozen=True)
class Calibration:
    """The setting to use, and what it is worth on photos that didn't choose it."""

    name: str
    spin: SpinConfig | None
    """None: SPIN off is best."""
    goal: Goal
    chosen_on: int
    """Photos by which it was chosen."""
    reported_on: int
    """Other photos, on which it was measured."""
    tried: str
    """The setting that the first half chose; SPIN off where none was better there."""
    gain: Interval
    """Of `tried` on the second half: points of CHAIR_i that fall away, or of F1 that are won."""
    off: dict[str, float]
    on: dict[str, float]
    """Figures of SPIN off and of `tried`, on the second half."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name, "spin": None if self.spin is None else self.spin.to_dict(), "goal": self.goal,
            "chosen_on": self.chosen_on, "reported_on": self.reported_on, "tried": self.tried, "gain": self.gain.to_dict(),
            "off": self.off, "on": self.on,
        }

    def for_model_file(self) -> dict[str, Any]:
        """What the model file says: `spin`, and figures of the second half."""
        goal = "fewest invented objects" if self.goal == "chair" else "best F1 of yes/no questions"
        figures: dict[str, Any] = {f"{name}_off": value for name, value in self.off.items()}
        if self.spin is not None:
            figures |= {f"{name}_calibrated": value for name, value in self.on.items()}
        return {
            "spin": None if self.spin is None else self.spin.to_dict(), "goal": goal, "photos_to_choose": self.chosen_on,
            "photos_to_measure": self.reported_on, **figures,
        }


def calibrate(candidates: Sequence[Candidate], *, goal: Goal = "chair", seed: int = SEED) -> Calibration:
    """The setting to use: see the head of this file. candidates: SPIN off first; the same photos in the same order.

    A setting is fair where CIDEr-D and recall (and the accuracy of probes, since who always says yes has an F1 of 67) are at
    most TOLERANCE worse than SPIN off's. The first half of the photos, drawn by `seed`, chooses the fair setting of lowest
    CHAIR_i (or highest F1); it is taken where on the second half it is fair and the interval of its gain lies above 0.
    """
    first, second = _halves(len(candidates[0].photos.cider_d), seed=seed)
    baseline = candidates[0].of(first)
    fair = [found for candidate in candidates[1:] if _is_fair(found := candidate.of(first), baseline)]
    best = min([baseline, *fair], key=lambda candidate: _cost(candidate, goal))  # of equal ones SPIN off
    chosen = next(candidate for candidate in candidates if candidate.name == best.name)
    off, on = candidates[0].of(second), chosen.of(second)
    gain = _gain(off, on, goal)
    taken = chosen if gain.low > 0 and _is_fair(on, off) else candidates[0]
    return Calibration(
        taken.name, taken.spin, goal, chosen_on=len(first), reported_on=len(second), tried=chosen.name, gain=gain,
        off=off.figures(), on=on.figures(),
    )


def _halves(photos: int, *, seed: int) -> tuple[list[int], list[int]]:
    """A single photo is in both."""
    order = random.Random(f"{seed}/calibration").sample(range(photos), photos)
    half = max(1, photos // 2)
    return sorted(order[:half]), sorted(order[half:] or order)


def _is_fair(candidate: Candidate, baseline: Candidate) -> bool:
    own, off = candidate.figures(), baseline.figures()
    kept = [name for name in ("cider_d", "recall", "accuracy") if name in off]
    return all(own[name] >= (1 - TOLERANCE) * off[name] for name in kept)


def _cost(candidate: Candidate, goal: Goal) -> float:
    return candidate.photos.chair_i if goal == "chair" else -(candidate.f1 or 0.0)


def _gain(off: Candidate, on: Candidate, goal: Goal) -> Interval:
    if goal == "chair" or off.probes is None or on.probes is None:
        return gain_interval(off.photos.objects, on.photos.objects, shares)
    return gain_interval(off.probes, on.probes, f1_of, more_is_better=True)
