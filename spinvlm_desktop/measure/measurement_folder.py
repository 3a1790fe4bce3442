"""The files of one measurement, what they say of where it is, and the process that works on it. Survives the window."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.errors import ConfigError, DataError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.detached_process import DetachedProcess
from spinvlm_desktop.measure.measurement import MeasurementSettings

MeasurementState = Literal["gone", "waiting", "measuring", "paused", "interrupted", "failed", "finished"]
STATE_WORDS: dict[MeasurementState, str] = {
    "gone": "its folder is gone", "waiting": "waits for its turn", "measuring": "measuring", "paused": "paused",
    "interrupted": "cut off, can be resumed", "failed": "failed", "finished": "finished",
}
SHOWN_LINES = 40
TAIL_BYTES = 65_536


@dataclass(frozen=True)
class Progress:
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
class MeasurementFolder:
    """One folder below the measurements' folder; the report lies in it beside what the window needs."""

    path: Path

    @property
    def report(self) -> Path:
        return self.path / "report.json"

    @property
    def log(self) -> Path:
        return self.path / "measure.log"

    @property
    def settings_file(self) -> Path:
        return self.path / "measurement.json"

    @property
    def queued(self) -> Path:
        """There while it waits for its turn."""
        return self.path / "queued"

    @property
    def beside_training(self) -> Path:
        """There where it needn't wait for a training to end."""
        return self.path / "beside_training"

    @property
    def _paused(self) -> Path:
        return self.path / "paused"

    @property
    def _resumed(self) -> Path:
        return self.path / "resumed"

    @property
    def was_resumed(self) -> bool:
        """Whether it was made in several goes."""
        return self._resumed.is_file()

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

    def enqueue(self, settings: MeasurementSettings, *, beside_training: bool = False) -> None:
        """Keep what is to be measured when its turn comes. Raises DataError."""
        try:
            self.path.mkdir(parents=True)
            write_text(self.settings_file, json.dumps(settings.to_dict(), indent=1))
            self._line_up(beside_training=beside_training)
        except OSError as error:
            raise DataError(f"The measurement can't be kept in {self.path}: {reason_of(error)}.") from error

    def start(self) -> None:
        """Begin, or go on where it was. Raises DataError with one sentence."""
        settings = self.settings()
        try:
            process = DetachedProcess(self.path)
            if process.was_started:
                self._resumed.touch()
            for left in (self.queued, self._paused, self.log):
                left.unlink(missing_ok=True)
            if not process.start(settings.arguments(self.path, self.log)):
                raise DataError("The measurement couldn't be started.")
        except OSError as error:
            raise DataError(f"The folder {self.path} can't be written: {reason_of(error)}.") from error

    def pause(self, *, wait: bool = False) -> None:
        """End the process; settings that are done stay done, and `start` goes on with the others."""
        with suppress(OSError):
            self._paused.touch()
        DetachedProcess(self.path).end(wait=wait)

    def wait_in_line(self, *, beside_training: bool = False) -> None:
        """Go on when its turn comes."""
        with suppress(OSError):
            self._paused.unlink(missing_ok=True)
            self._line_up(beside_training=beside_training)

    def _line_up(self, *, beside_training: bool) -> None:
        if beside_training:
            self.beside_training.touch()
        else:
            self.beside_training.unlink(missing_ok=True)
        self.queued.touch()

    def leave_line(self) -> None:
        """Wait no more."""
        with suppress(OSError):
            self.queued.unlink(missing_ok=True)
            self._paused.touch()

    def alive(self) -> bool:
        """Whether its process runs."""
        return DetachedProcess(self.path).running() is not None

    def state(self) -> MeasurementState:
        """Where it is. One that doesn't run and left no word was cut off."""
        if not self.path.is_dir():
            return "gone"
        if self.alive():
            return "measuring"
        if self.queued.is_file():
            return "waiting"
        if self.report.is_file():
            return "finished"
        if self._paused.is_file():
            return "paused"
        return "failed" if self.words() else "interrupted"

    def progress(self) -> Progress | None:
        """What the process told last of its progress."""
        found = [told for line in self._tail() if (told := _progress_of(line)) is not None]
        return found[-1] if found else None

    def words(self) -> list[str]:
        """The log's last lines without the progress: what went wrong, and what libraries say."""
        return [line for line in self._tail() if line.strip() and _progress_of(line) is None][-SHOWN_LINES:]

    def _tail(self) -> list[str]:
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
                return file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return []


def measurement_folders(folder: Path) -> list[MeasurementFolder]:
    """All measurements, the one that was made last first."""
    try:
        found = [MeasurementFolder(path) for path in folder.iterdir()]
        kept = [item for item in found if item.settings_file.is_file()]
        return sorted(kept, key=lambda item: item.settings_file.stat().st_mtime, reverse=True)
    except OSError:
        return []


def _progress_of(line: str) -> Progress | None:
    try:
        values: Any = json.loads(line)
        left = values.get("seconds_left")
        return Progress(
            str(values["what"]), int(values["done"]), int(values["total"]), float(values.get("part", 0.0)),
            None if left is None else float(left),
        )
    except (ValueError, KeyError, TypeError):
        return None
