"""How fast this computer trains, measured by a process of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.errors import ConfigError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.jobs.child_process import ChildProcess
from training.run.training_config import TrainingConfig

PACE_NAME = "pace.json"
UNKNOWN_FAILURE = "The time couldn't be measured."
_DECISIVE = (
    "start_from", "encoder_name", "layers", "width", "heads", "vocabulary_size", "captions_per_photo", "derived_per_photo",
    "warm_up.batch_photos", "fine_tune.batch_photos",
)
"""Settings that the pace depends on."""


@dataclass(frozen=True)
class Pace:
    """Seconds a photo."""

    config: TrainingConfig
    look: float
    """To read it and to compute what the encoder sees, once."""
    warm_up: float
    """In each pass."""
    fine_tune: float
    """In each pass."""
    memory_bytes: int

    def seconds(self, config: TrainingConfig, *, photos: int) -> float:
        """Of a whole run, the measurement at its end left out."""
        number = min(photos, config.max_photos + config.dev_photos) if config.max_photos else photos
        passes = self.warm_up * config.warm_up.epochs + self.fine_tune * config.fine_tune.epochs
        return number * (self.look + passes)

    def holds_for(self, config: TrainingConfig) -> bool:
        """Whether a run with these settings is as fast."""
        return all(_value(config, name) == _value(self.config, name) for name in _DECISIVE)


def keep_pace(folder: Path, pace: Pace) -> None:
    """Beside the run that it was measured for; without it the usual proportions are taken."""
    with suppress(OSError):
        write_text(folder / PACE_NAME, json.dumps(asdict(pace)))


def kept_pace(folder: Path) -> Pace | None:
    """As it was measured before this run began; None where it wasn't."""
    try:
        found = json.loads((folder / PACE_NAME).read_text(encoding="utf-8"))
        return _pace(TrainingConfig.from_dict(found["config"]), found)
    except (OSError, ValueError, KeyError, TypeError, ConfigError):
        return None


def _pace(config: TrainingConfig, found: dict[str, Any]) -> Pace:
    return Pace(
        config, float(found["look"]), float(found["warm_up"]), float(found["fine_tune"]), int(found["memory_bytes"]),
    )


def _value(config: TrainingConfig, path: str) -> object:
    value: object = config
    for name in path.split("."):
        value = getattr(value, name)
    return value


class PaceProbe(QObject):
    """Trains for a short while in a process of its own; one measurement at a time."""

    ended = Signal(object, str)
    """Pace and nothing, or None and what is wrong; empty where it was cancelled."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: TemporaryDirectory[str] | None = None
        self._config: TrainingConfig | None = None
        self._pace: Pace | None = None
        self._process = ChildProcess(self)
        self._process.line_read.connect(self._on_line)
        self._process.finished.connect(lambda _code: self._end(self._process.last_error or UNKNOWN_FAILURE))
        self._process.failed_to_start.connect(self._end)
        self._process.crashed.connect(self._end)

    @property
    def running(self) -> bool:
        return self._process.running

    def start(self, config: TrainingConfig) -> None:
        """Train for a short while with these settings; `ended` says how fast it was."""
        self._tidy_up()
        self._config, self._pace = config, None
        try:
            self._folder = TemporaryDirectory(prefix="spinvlm-probe-", ignore_cleanup_errors=True)
            settings = Path(self._folder.name) / "settings.json"
            write_text(settings, json.dumps(config.to_dict()))
        except OSError as error:
            self._end(f"The time couldn't be measured: {reason_of(error)}.")
        else:
            self._process.start(["probe", "--config", str(settings), "--out", self._folder.name])

    def cancel(self) -> None:
        """End it, without a result."""
        if self.running:
            self._pace = None
            self._end("")

    def _on_line(self, line: bytes) -> None:
        assert self._config is not None
        with suppress(ValueError, KeyError, TypeError):  # a library's own words
            self._pace = _pace(self._config, json.loads(line))

    def _end(self, wrong: str) -> None:
        """wrong: what to say where nothing was measured."""
        self._tidy_up()
        self.ended.emit(self._pace, "" if self._pace is not None else wrong)

    def _tidy_up(self) -> None:
        self._process.cancel()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None
