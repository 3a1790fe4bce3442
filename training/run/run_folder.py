"""The files of one training run. Torch-free.

    config.json              settings, as given
    events.jsonl             progress, one JSON object a line
    start.safetensors        the model that it goes on from, where there is one
    checkpoint.pt            state to resume from
    best.safetensors         best model so far, by dev loss
    vlm_spin_best_model.pth  the same as a plain dict, written at the end
    report.json, card.md     metrics on the dev split, written at the end
    stop, finish_stage       requests, looked at every step: see run_requests.py
"""

from __future__ import annotations

import json
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import ConfigError, TrainingError, reason_of
from core.files.atomic_file import write_text
from training.run.training_config import TrainingConfig, read_config

LOCK_SECONDS = 1.0
"""For which a lock is waited for: a look whether a run is locked holds it for a moment."""


class RunFolder:
    """Names of the files in a run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock_file = path / "run.lock"
        self.config = path / "config.json"
        self.events = path / "events.jsonl"
        self.start_model = path / "start.safetensors"
        self.checkpoint = path / "checkpoint.pt"
        self.tokenizer = path / "tokenizer.json"
        self.best_model = path / "best.safetensors"
        self.best_model_dict = path / "vlm_spin_best_model.pth"
        self.report = path / "report.json"
        self.card = path / "card.md"
        self.cache = path / "cache"
        self.examples = path / "examples.json"

    def create(self, config: TrainingConfig) -> None:
        """Make the folder of a new run. Raises TrainingError where it already holds one that has come to a checkpoint.

        What a run left that failed before its first checkpoint (no such data, no connection) gives way, so hold the lock.
        """
        if self.checkpoint.exists():
            raise TrainingError(f"{self.path} already holds a training run; use --resume, or choose another folder.")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for left in (self.events, self.tokenizer):
                left.unlink(missing_ok=True)
            write_text(self.config, json.dumps(config.to_dict(), indent=1))
        except OSError as error:
            raise TrainingError(f"The run folder {self.path} can't be written: {error.strerror}.") from error

    def read_config(self) -> TrainingConfig:
        """The run's settings. Raises TrainingError where there is no run or its settings are damaged."""
        if not self.config.is_file():
            raise TrainingError(f"{self.path} holds no training run to resume.")
        try:
            return read_config(self.config)
        except ConfigError as error:
            raise TrainingError(str(error)) from error

    def lock(self) -> FileLock:
        """An acquired lock on the run; the system drops it when the process ends, however it ends.

        Raises TrainingError where another process trains this run, or the folder can't be written.
        """
        lock = FileLock(self.lock_file)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            raise TrainingError(f"The run in {self.path} is being trained by another process.") from error
        except OSError as error:
            raise TrainingError(f"The run folder {self.path} can't be written: {reason_of(error)}.") from error
        return lock

    def locked(self) -> bool:
        """Whether a process trains this run now, whoever started it."""
        lock = FileLock(self.lock_file)
        try:
            if not self.lock_file.is_file():
                return False
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        lock.release()
        return False
