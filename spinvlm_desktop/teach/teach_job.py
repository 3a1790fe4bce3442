"""A teaching as a job: its process, and what its files say of where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from spinvlm_desktop.jobs.job import Job, JobState
from spinvlm_desktop.models.model_list import KEPT_MARK
from spinvlm_desktop.system.polled_files import is_file
from spinvlm_desktop.train.run.training_job import last_event, last_events
from training.teaching.settings import TeachFolder, TeachSettings

LEARNING = 0.15, 0.8
"""Parts of a teaching from where to where it learns; before it looks and asks, after it asks again."""


@dataclass(frozen=True)
class TeachProgress:
    """What is being done, and how much of all is."""

    words: str
    part: float


@dataclass(frozen=True)
class TeachJob(Job):
    """The teaching in one folder. One that was cut off begins again: it takes minutes."""

    noun: ClassVar[str] = "teaching"
    running_word: ClassVar[str] = "teaching"
    log_name: ClassVar[str] = "teach.log"
    settings_names: ClassVar[tuple[str, ...]] = ("config.json",)
    ended_name: ClassVar[str] = "ended_by_user"
    ended_state: ClassVar[JobState] = "stopped"

    @property
    def files(self) -> TeachFolder:
        return TeachFolder(self.path)

    @property
    def kept(self) -> Path:
        """There once its model has been taken into use."""
        return self.path / KEPT_MARK

    @property
    def seen(self) -> Path:
        """There once the user was told how it ended."""
        return self.path / "seen"

    def prepare(self, settings: TeachSettings) -> None:
        """Keep what is to be taught. Raises TrainingError."""
        self.files.keep_settings(settings)

    def mark(self, file: Path) -> None:
        """Make one of the marks. Raises JobError."""
        try:
            file.touch()
        except OSError as error:
            raise self.unwritable(error) from error

    def arguments(self, start: str) -> Sequence[str]:
        return ["teach", "--out", str(self.path), "--again", "--log", str(self.log), "--start", start]

    def is_alive(self) -> bool:
        return super().is_alive() or self.files.locked()

    def is_finished(self) -> bool:
        return is_file(self.files.report)

    def state_at_end(self) -> JobState:
        last = last_event(self.files.events).get("event")
        if last == "run_failed":
            return "failed"
        if is_file(self.ended) or last == "run_stopped":
            return "stopped"
        return "failed" if self.messages() else "interrupted"

    def part_done(self) -> float | None:
        return self.progress().part

    def progress(self) -> TeachProgress:
        """How far the process said last that it is."""
        events = [event for event in last_events(self.files.events) if event["event"] in ("preparing", "step")]
        if not events:
            return TeachProgress("Starting…", 0.0)
        latest, (begin, end) = events[0], LEARNING
        if latest["event"] == "step":
            part = latest["step"] / max(1, latest["steps"])
            words = f"Learning, step {latest['step']:,} of at most {latest['steps']:,}"
            return TeachProgress(words, begin + part * (end - begin))
        low, high = (end, 1.0) if any(event["event"] == "step" for event in events) else (0.0, begin)
        what, part = str(latest["what"]), latest["done"] / max(1, latest["total"])
        words = f"{what[:1].upper()}{what[1:]}, {latest['done']:,} of {latest['total']:,}"
        return TeachProgress(words, low + part * (high - low))

    def failure(self) -> str:
        """Why it failed, in a sentence."""
        event = last_event(self.files.events)
        if event.get("event") == "run_failed":
            return str(event.get("message", ""))
        return next(iter(reversed(self.messages())), "The process ended unexpectedly.")

