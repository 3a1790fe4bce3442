"""A training run as a job: its process, and what its files say of where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import ClassVar

from core.errors import SpinVlmError
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.system.polled_files import changed_ns, is_file, last_bytes
from training.run.events import Event, event_of
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import TrainingConfig

UNFINISHED: tuple[JobState, ...] = ("paused", "interrupted")
"""To be mentioned at the next start; a run that the user has stopped isn't."""
FINE_TUNE_COST, LEARNING_PART = 3.0, 0.95
"""About how long a pass of the second stage takes beside one of the first, and what both stages are of the whole run."""
EVENTS_BYTES = 65_536
"""From the end of the events; the last ones are within them."""


@dataclass(frozen=True)
class TrainingJob(Job):
    """The training in one run folder, also where it was started in a terminal."""

    noun: ClassVar[str] = "run"
    running_word: ClassVar[str] = "training"
    log_name: ClassVar[str] = "train.log"
    settings_names: ClassVar[tuple[str, ...]] = ("config.json", "settings.json")
    """Earlier versions kept those of a waiting run in the second."""
    ended_name: ClassVar[str] = "ended_by_user"
    ended_state: ClassVar[JobState] = "stopped"

    @property
    def files(self) -> RunFolder:
        return RunFolder(self.path)

    @property
    def requests(self) -> RunRequests:
        """What can be asked of the process that trains now: to stop, or to finish a stage."""
        return RunRequests(self.path, self.process.start_name)

    def prepare(self, config: TrainingConfig) -> None:
        """Keep the settings of a new run. Raises JobError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            write_text(self.files.config, dumps(config.to_dict(), indent=1))
        except OSError as error:
            raise self.unwritable(error) from error

    def arguments(self, start: str) -> Sequence[str]:
        """Continue from the last checkpoint; a run that never came to one begins again."""
        settings = next((path for name in self.settings_names if is_file(path := self.path / name)), self.files.config)
        begin = ["--resume"] if is_file(self.files.checkpoint) else ["--config", str(settings)]
        return ["train", "--out", str(self.path), "--log", str(self.log), "--start", start, *begin]

    def end(self, *, wait: bool = False) -> None:
        """Where it is killed, steps since the last checkpoint are trained again later. One from a terminal is only asked."""
        try:
            if not super().is_alive():
                self.requests.ask("stop")
        finally:
            super().end(wait=wait)

    def is_alive(self) -> bool:
        return super().is_alive() or self.files.locked()

    def state(self) -> JobState:
        """One that has said that it is finished is so while its process ends, which takes seconds."""
        ended = self.is_finished() and last_event(self.files.events).get("event") == "run_finished"
        return "finished" if ended else super().state()

    def is_finished(self) -> bool:
        return is_file(self.files.card)

    def has_begun(self) -> bool:
        return super().has_begun() or is_file(self.files.events)

    def state_at_end(self) -> JobState:
        """A run that didn't say why it ended was cut off."""
        last = last_event(self.files.events).get("event")
        if last == "run_failed":
            return "failed"
        if is_file(self.ended):
            return self.ended_state
        if last == "run_stopped":
            return "paused"
        return "interrupted" if is_file(self.files.checkpoint) else "failed"

    def part_done(self) -> float | None:
        """By passes; one of the second stage, which trains the encoder too, counts for several of the first."""
        try:
            config = self.files.read_config()
        except SpinVlmError:
            return None
        step = next((event for event in last_events(self.files.events) if event.get("event") == "step"), None)
        if step is None or not step.get("steps"):
            return 0.0
        first, second = config.warm_up.epochs, FINE_TUNE_COST * config.fine_tune.epochs
        part = step["step"] / step["steps"]
        done = part * first if step["stage"] == "warm_up" else first + part * second
        return LEARNING_PART * done / max(1, first + second)

    def changed_ns(self) -> int:
        return max(super().changed_ns(), changed_ns(self.files.events) or 0)


def last_event(path: Path) -> Event:
    """The last whole event, or nothing."""
    return next(last_events(path), {})


def last_events(path: Path) -> Iterator[Event]:
    """The last whole events, the very last first."""
    for line in reversed(last_bytes(path, EVENTS_BYTES).split(b"\n")):
        if (event := event_of(line)) is not None:
            yield event
