"""How long a measurement takes on this computer, estimated from those that were made before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DataError
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.system.polled_files import is_file
from training.evaluation.photo_costs import MEASURED, SWEPT_SETTINGS, AnsweringPace, photo_costs


@dataclass(frozen=True)
class MeasuredPace:
    """What an earlier measurement took."""

    settings: MeasurementSettings
    name: str
    photos: int
    conditions: int
    """Settings of head suppression and other methods that were measured."""
    seconds: float

    def seconds_for(self, wanted: MeasurementSettings, photos: int) -> float | None:
        """None where this says nothing of what is wanted: other things are measured, or it isn't known how many."""
        alike = all(getattr(wanted, name) == getattr(self.settings, name) for name in ("probes", "pointing", "people", "methods"))
        if not alike or wanted.methods or (wanted.spin == "sweep") != (self.settings.spin == "sweep"):
            return None
        conditions = {"sweep": self.conditions, "off": 1, "grid": 1 + len(wanted.keeps) * len(wanted.alphas)}[wanted.spin]
        return self.seconds / (self.photos * self.conditions) * photos * conditions


def pace_of(job: MeasureJob) -> MeasuredPace | None:
    """None where it isn't finished, or was interrupted, so that the time it took isn't known."""
    started = job.process.started_at
    if started is None or is_file(job.resumed) or job.state() != "finished":
        return None
    try:
        report = json.loads(job.report.read_text(encoding="utf-8"))
        seconds = job.report.stat().st_mtime - started
        photos, conditions = len(report["recipe"]["photos"]), len(report["rows"])
        settings = job.settings()
    except (OSError, ValueError, KeyError, TypeError, DataError):
        return None
    return MeasuredPace(settings, job.name, photos, conditions, seconds) if seconds > 0 and photos * conditions else None


def seconds_a_photo(wanted: MeasurementSettings, pace: AnsweringPace) -> float:
    """About how long a photo takes with a pretrained model."""
    settings = {"sweep": SWEPT_SETTINGS, "off": 1, "grid": 1 + len(wanted.keeps) * len(wanted.alphas)}[wanted.spin]
    return photo_costs(pace, settings=settings).of([name for name in wanted.measures() if name in MEASURED])


def estimate(wanted: MeasurementSettings, photos: int, jobs: Sequence[MeasureJob]) -> tuple[float, str] | None:
    """Seconds, and which earlier measurement they are estimated from: the newest of the same model, else the newest."""
    paces = [pace for job in jobs if (pace := pace_of(job)) is not None]
    paces.sort(key=lambda pace: pace.settings.model != wanted.model)  # stable: the newest first of each
    for pace in paces:
        seconds = pace.seconds_for(wanted, photos)
        if seconds is not None:
            return seconds, pace.name
    return None
