"""The process that trains a run. It goes on when the window closes; the next start finds it again."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from core.atomic_file import write_text
from core.errors import ConfigError, TrainingError, reason_of
from spinvlm_desktop.detached_process import DetachedProcess
from training.config import TrainingConfig
from training.config_file import read_config_file
from training.run_folder import RunFolder

LOG_NAME, SETTINGS_NAME, QUEUED_NAME = "train.log", "settings.json", "queued"
SHOWN_LINES = 40


class RunProcess:
    """Starts, pauses and ends the training in one run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = RunFolder(folder)
        self._detached = DetachedProcess(folder)

    @property
    def queued(self) -> Path:
        """A file that is there while the run waits for its turn."""
        return self.folder.path / QUEUED_NAME

    def enqueue(self, config: TrainingConfig) -> None:
        """Keep the settings of a run that is to be started later. Raises TrainingError."""
        path = self.folder.path
        try:
            path.mkdir(parents=True, exist_ok=True)
            write_text(path / SETTINGS_NAME, json.dumps(config.to_dict(), indent=1))
            self.queued.touch()
        except OSError as error:
            raise TrainingError(f"The run folder {path} can't be written: {reason_of(error)}.") from error

    def go_on(self) -> None:
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
        arguments = ["train", "--out", str(path), "--log", str(path / LOG_NAME)]
        try:
            path.mkdir(parents=True, exist_ok=True)
            self.queued.unlink(missing_ok=True)
            if config is None:
                arguments.append("--resume")
            else:
                write_text(path / SETTINGS_NAME, json.dumps(config.to_dict(), indent=1))
                arguments += ["--config", str(path / SETTINGS_NAME)]
        except OSError as error:
            raise TrainingError(f"The run folder {path} can't be written: {reason_of(error)}.") from error
        try:
            if not self._detached.start(arguments):
                raise TrainingError("The training couldn't be started.")
        except OSError as error:
            raise TrainingError(f"The training runs, but {path} can't be written: {reason_of(error)}.") from error

    def alive(self) -> bool:
        """Whether the process that was started last still runs."""
        return self._process() is not None

    def pause(self) -> None:
        """Have it write a checkpoint and end after the step that is under way. Raises TrainingError."""
        try:
            self.folder.stop_request.touch()
        except OSError as error:
            raise TrainingError(f"The run folder can't be written: {reason_of(error)}.") from error

    def finish_stage(self) -> None:
        """Have it end the stage that is under way, as if it were done. Raises TrainingError."""
        try:
            self.folder.finish_request.touch()
        except OSError as error:
            raise TrainingError(f"The run folder can't be written: {reason_of(error)}.") from error

    def end(self, *, wait: bool = False) -> None:
        """Ask it to end, and kill it and what it started where it still runs after 5 seconds. Returns at once, or waits.

        Where it is killed, steps since the last checkpoint are trained again later.
        """
        self._detached.end(wait=wait)

    def last_lines(self) -> list[str]:
        """What it wrote to its log, the last lines."""
        try:
            text = (self.folder.path / LOG_NAME).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return []
        return text.splitlines()[-SHOWN_LINES:]

    def _process(self) -> psutil.Process | None:
        return self._detached.running()
