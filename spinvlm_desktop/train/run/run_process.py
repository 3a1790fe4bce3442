"""The process that trains a run. It goes on when the window closes; the next start finds it again."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import psutil

from core.errors import ConfigError, TrainingError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.detached_process import DetachedProcess
from training.run.config_file import read_config_file
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import TrainingConfig

LOG_NAME, SETTINGS_NAME, QUEUED_NAME, ENDED_NAME = "train.log", "settings.json", "queued", "ended_by_user"
SHOWN_LINES = 40
READ_BYTES = 65_536
"""Of a log, from its end."""


class RunProcess:
    """Starts, pauses and ends the training in one run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = RunFolder(folder)
        self._detached = DetachedProcess(folder)

    @property
    def queued(self) -> Path:
        """A file that is there while the run waits for its turn."""
        return self.folder.path / QUEUED_NAME

    @property
    def log(self) -> Path:
        """What the process of the last start printed."""
        return self.folder.path / LOG_NAME

    @property
    def ended(self) -> Path:
        """A file that is there when the user has ended the run, until it goes on."""
        return self.folder.path / ENDED_NAME

    def enqueue(self, config: TrainingConfig | None) -> None:
        """Have a run wait for its turn; None is one that is there already and goes on then. Raises TrainingError."""
        path = self.folder.path
        try:
            path.mkdir(parents=True, exist_ok=True)
            if config is not None:
                write_text(path / SETTINGS_NAME, json.dumps(config.to_dict(), indent=1))
            self.queued.touch()
        except OSError as error:
            raise TrainingError(f"The run folder {path} can't be written: {reason_of(error)}.") from error

    def waits_since(self) -> float:
        """Seconds since the epoch."""
        try:
            return self.queued.stat().st_mtime
        except OSError:
            return float("inf")

    def withdraw(self) -> None:
        """Have it wait no longer. Raises TrainingError."""
        try:
            self.queued.unlink(missing_ok=True)
        except OSError as error:
            raise TrainingError(f"The run folder can't be written: {reason_of(error)}.") from error

    def resume(self) -> None:
        """Train on from the last checkpoint; a run that never came to one begins. Raises TrainingError."""
        if self.folder.checkpoint.is_file():
            self.start(None)
        elif self.folder.config.is_file():
            self.start(self.folder.read_config())
        else:
            try:
                self.start(read_config_file(self.folder.path / SETTINGS_NAME))
            except ConfigError as error:
                raise TrainingError(str(error)) from error

    def start(self, config: TrainingConfig | None) -> None:
        """Train with these settings; None goes on from the last checkpoint. Raises TrainingError."""
        path = self.folder.path
        start = secrets.token_hex(8)
        arguments = ["train", "--out", str(path), "--log", str(self.log), "--start", start]
        try:
            path.mkdir(parents=True, exist_ok=True)
            for mark in (self.queued, self.ended):
                mark.unlink(missing_ok=True)
            if config is None:
                arguments.append("--resume")
            else:
                write_text(path / SETTINGS_NAME, json.dumps(config.to_dict(), indent=1))
                arguments += ["--config", str(path / SETTINGS_NAME)]
        except OSError as error:
            raise TrainingError(f"The run folder {path} can't be written: {reason_of(error)}.") from error
        try:
            if not self._detached.start(arguments, name=start):
                raise TrainingError("The training couldn't be started.")
        except OSError as error:
            raise TrainingError(f"The training runs, but {path} can't be written: {reason_of(error)}.") from error

    def alive(self) -> bool:
        """Whether a process trains this run: the one that was started last here, or one from a terminal."""
        return self._process() is not None or self.folder.locked()

    @property
    def requests(self) -> RunRequests:
        """What can be asked of the process that trains now: to stop, or to finish a stage."""
        return RunRequests(self.folder.path, self._detached.start_name)

    def end(self, *, wait: bool = False) -> None:
        """Ask it to end, and kill it and what it started where it still runs after 5 seconds. Returns at once, or waits.

        Where it is killed, steps since the last checkpoint are trained again later. One from a terminal is only asked.
        Raises TrainingError.
        """
        if self._process() is None:
            self.requests.ask("stop")
        try:
            self.ended.touch()
        except OSError as error:
            raise TrainingError(f"The run folder can't be written: {reason_of(error)}.") from error
        finally:
            self._detached.end(wait=wait)

    def last_lines(self) -> list[str]:
        """What it wrote to its log, the last lines."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - READ_BYTES))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return []
        return text.splitlines()[-SHOWN_LINES:]

    def _process(self) -> psutil.Process | None:
        return self._detached.running()
