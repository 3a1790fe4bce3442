"""A measurement as a job: its process, and what its files say of where it is."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from core.errors import ConfigError, DataError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.folder_names import moved
from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.jobs.job_process import JobError
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.system.polled_files import is_file


@dataclass(frozen=True)
class MeasureProgress:
    """What is being done, and how much of the measurement is."""

    what: str
    done: int
    total: int
    """Of this step."""
    part: float
    """Of the whole measurement, from 0 to 1."""
    seconds_left: float | None
    """To the end of the measurement."""

    def in_words(self) -> str:
        """The step under way."""
        return f"{self.what[:1].upper()}{self.what[1:]}, {self.done:,} of {self.total:,}"


@dataclass(frozen=True)
class MeasureJob(Job):
    """One folder below the measurements' folder; the report lies in it beside what the window needs."""

    noun: ClassVar[str] = "measurement"
    running_word: ClassVar[str] = "measuring"
    log_name: ClassVar[str] = "measure.log"
    settings_names: ClassVar[tuple[str, ...]] = ("measurement.json",)
    ended_name: ClassVar[str] = "paused"
    ended_state: ClassVar[JobState] = "paused"

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    @property
    def settings_file(self) -> Path:
        return self.path / self.settings_names[0]

    @property
    def beside_training(self) -> Path:
        """There where it needn't wait for a training to end."""
        return self.path / "beside_training"

    @property
    def resumed(self) -> Path:
        """There where several processes worked on it, so that how long it took isn't known."""
        return self.path / "resumed"

    def settings(self) -> MeasurementSettings:
        """Raises DataError where they are missing or damaged."""
        try:
            return MeasurementSettings.from_dict(json.loads(self.settings_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, ConfigError, TypeError, AttributeError) as error:
            raise DataError(f"What is to be measured can't be read from {self.settings_file}.") from error

    def read_settings(self) -> MeasurementSettings | None:
        """The same; None where they can't be read."""
        try:
            return self.settings()
        except DataError:
            return None

    def prepare(self, settings: MeasurementSettings) -> None:
        """Keep what is to be measured. Raises JobError, also where there is such a folder already."""
        try:
            self.path.mkdir(parents=True)
            write_text(self.settings_file, json.dumps(settings.to_dict(), indent=1))
        except OSError as error:
            raise JobError(f"The measurement can't be kept in {self.path}: {reason_of(error)}.") from error

    def allow_beside_training(self, allowed: bool) -> None:
        """Whether it may begin while a model is being trained. Raises JobError."""
        try:
            if allowed:
                self.beside_training.touch()
            else:
                self.beside_training.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    def follow_model(self, old: Path, new: Path) -> bool:
        """A folder was renamed: where its model is to be measured or was, that is its path now, and True is returned."""
        settings = self.read_settings()
        if settings is None or settings.model is None or not Path(settings.model).is_relative_to(old):
            return False
        changed, made_ns = replace(settings, model=str(moved(Path(settings.model), old, new))), self.changed_ns()
        with suppress(OSError):
            write_text(self.settings_file, json.dumps(changed.to_dict(), indent=1))
            os.utime(self.settings_file, ns=(made_ns, made_ns))  # the list is in the order in which they were made
        return True

    def arguments(self, start: str) -> Sequence[str]:
        return self.settings().arguments(self.path, self.log)

    def before_start(self) -> None:
        if self.process.was_started:
            self.resumed.touch()
        super().before_start()

    def is_finished(self) -> bool:
        return is_file(self.report)

    def state_at_end(self) -> JobState:
        """A measurement that left no word was cut off."""
        if is_file(self.ended):
            return self.ended_state
        return "failed" if self.messages() else "interrupted"

    def is_message(self, line: str) -> bool:
        return super().is_message(line) and _progress_of(line) is None

    def part_done(self) -> float | None:
        progress = self.progress()
        return None if progress is None else progress.part

    def progress(self) -> MeasureProgress | None:
        """How far the process said last that it is."""
        found = [progress for line in self.log_tail() if (progress := _progress_of(line)) is not None]
        return found[-1] if found else None


def _progress_of(line: str) -> MeasureProgress | None:
    try:
        values: Any = json.loads(line)
        left = values.get("seconds_left")
        return MeasureProgress(
            str(values["what"]), int(values["done"]), int(values["total"]), float(values.get("part", 0.0)),
            None if left is None else float(left),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
