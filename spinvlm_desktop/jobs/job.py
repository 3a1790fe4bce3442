"""A job: a training run or a measurement, which works in a folder and a process of its own and survives the window."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from core.errors import reason_of
from spinvlm_desktop.jobs.job_process import JobError, JobProcess
from spinvlm_desktop.system.polled_files import changed_ns, is_file, is_folder, last_bytes

JobState = Literal["gone", "new", "waiting", "running", "paused", "stopped", "interrupted", "failed", "finished"]
RESUMABLE: tuple[JobState, ...] = ("new", "paused", "stopped", "interrupted", "failed")
STATE_WORDS: dict[JobState, str] = {
    "gone": "its folder is gone", "new": "not started", "waiting": "waits for its turn", "running": "running", "paused": "paused",
    "stopped": "stopped, can be resumed", "interrupted": "cut off, can be resumed", "failed": "failed", "finished": "finished",
}
SHOWN_LINES = 40
LOG_BYTES = 65_536
"""Of a log, from its end."""


@dataclass(frozen=True)
class Job(ABC):
    """What both kinds of job have in common; where a job is follows from its files and its process alone."""

    path: Path

    noun: ClassVar[str]
    """What such a job is called in a sentence."""
    running_word: ClassVar[str]
    """Its state while it runs, for the user."""
    log_name: ClassVar[str]
    settings_names: ClassVar[tuple[str, ...]]
    """Files of which one is there in the folder of every such job."""
    ended_name: ClassVar[str]
    """A file that is there when the user has ended the job, until it goes on."""
    ended_state: ClassVar[JobState]
    """The state of such a job."""

    # -- what each kind says of itself

    @abstractmethod
    def arguments(self, start: str) -> Sequence[str]:
        """Of the program, to begin or to go on. start: name of this start. Raises SpinVlmError."""

    @abstractmethod
    def is_finished(self) -> bool:
        """Whether all of it is done."""

    @abstractmethod
    def state_at_end(self) -> JobState:
        """Of one that was begun, doesn't run, and isn't finished."""

    def has_begun(self) -> bool:
        """Whether a process has worked on it, whoever started that."""
        return self.process.was_started or is_file(self.log)

    def is_alive(self) -> bool:
        """Whether a process works on it now."""
        return self.process.running() is not None

    def part_done(self) -> float | None:
        """How much of all of it is done, from 0 to 1, while it runs; None where that isn't known."""
        return None

    def changed_ns(self) -> int:
        """When it was changed last; lists have the newest first."""
        return max(changed_ns(self.path / name) or 0 for name in self.settings_names)

    def is_message(self, line: str) -> bool:
        """Whether a line of the log says something besides how far the job is."""
        return bool(line.strip())

    # -- files

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def log(self) -> Path:
        """What the process of the last start printed."""
        return self.path / self.log_name

    @property
    def queued(self) -> Path:
        """A file that is there while the job waits for its turn."""
        return self.path / "queued"

    @property
    def ended(self) -> Path:
        return self.path / self.ended_name

    def log_tail(self) -> list[str]:
        """The log's last lines, whatever they say."""
        return last_bytes(self.log, LOG_BYTES).decode("utf-8", "replace").splitlines()

    def messages(self) -> list[str]:
        """The log's last lines that say something."""
        return [line for line in self.log_tail() if self.is_message(line)][-SHOWN_LINES:]

    # -- process

    @property
    def process(self) -> JobProcess:
        return JobProcess(self.path)

    def start(self) -> None:
        """Begin, or go on where it was. Raises SpinVlmError."""
        name = secrets.token_hex(8)
        arguments = self.arguments(name)
        try:
            self.before_start()
            for mark in (self.queued, self.ended):
                mark.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error
        self.process.start(arguments, name=name)

    def before_start(self) -> None:
        """Make ready for another process. Raises OSError."""
        self.log.unlink(missing_ok=True)

    def end(self, *, wait: bool = False) -> None:
        """Ask the process to end, and kill it where it doesn't; `start` goes on with what isn't done. Returns at once, or
        waits. Raises JobError where it can't be kept that the user ended it."""
        try:
            self.ended.touch()
        except OSError as error:
            raise self.unwritable(error) from error
        finally:
            self.process.end(wait=wait)

    # -- queue

    def enqueue(self) -> None:
        """Have it wait for its turn to begin or to go on. Raises JobError."""
        try:
            self.queued.touch()
        except OSError as error:
            raise self.unwritable(error) from error

    def withdraw(self) -> None:
        """Have it wait no longer. Raises JobError."""
        try:
            self.queued.unlink(missing_ok=True)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> JobError:
        """The error in a sentence."""
        return JobError(f"The folder {self.path} can't be written: {reason_of(error)}.")

    # -- state

    def state(self) -> JobState:
        """Where it is."""
        if not is_folder(self.path):
            return "gone"
        if self.is_alive():
            return "running"
        if is_file(self.queued):
            return "waiting"
        if self.is_finished():
            return "finished"
        return self.state_at_end() if self.has_begun() else "new"

    def state_words(self, state: JobState) -> str:
        """For the user."""
        if state != "running":
            return STATE_WORDS[state]
        part = self.part_done()
        return self.running_word if part is None else f"{self.running_word}, {percent(part)}"


def percent(part: float) -> str:
    """0.427 -> "42 %": all of it is done only at the end."""
    return f"{int(100 * min(max(part, 0.0), 1.0))} %"


JobType = TypeVar("JobType", bound=Job)


def find_jobs(folder: Path, kind: type[JobType]) -> list[JobType]:
    """All jobs of a kind in a folder, the one that was changed last first."""
    try:
        jobs = [kind(path) for path in folder.iterdir()]
    except OSError:
        return []
    found = [job for job in jobs if any(is_file(job.path / name) for name in kind.settings_names)]
    return sorted(found, key=lambda job: job.changed_ns(), reverse=True)


def next_in_queue(jobs: Sequence[JobType]) -> JobType | None:
    """Of these jobs the one that has waited longest."""
    waiting = {since: job for job in jobs if (since := changed_ns(job.queued)) is not None}
    return waiting[min(waiting)] if waiting else None
