"""How fast this computer trains, measured by a process of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtCore import QObject, QProcess, Signal

from core.errors import ConfigError
from core.files.atomic_file import write_text
from spinvlm_desktop.system.program_command import program_command
from training.run.training_config import TrainingConfig

PACE_NAME = "pace.json"
_DECISIVE = (
    "start_from", "encoder_name", "layers", "width", "heads", "vocabulary_size", "captions_per_photo", "derived_per_photo",
    "warm_up.batch_photos", "fine_tune.batch_photos",
)
"""Settings without a say in the pace are left out."""


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
    """Beside the run that it was measured for; a run without it is reckoned with what is usual."""
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


class ProbeProcess(QObject):
    """One measurement at a time."""

    ended = Signal(object, str)
    """Pace and nothing, or None and what is wrong; empty where it was cancelled."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._folder: TemporaryDirectory[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, config: TrainingConfig) -> None:
        """Train for a short while with these settings; `ended` tells how fast it was."""
        self._end()
        self._folder = TemporaryDirectory(prefix="spinvlm-probe-", ignore_cleanup_errors=True)
        settings = Path(self._folder.name) / "settings.json"
        write_text(settings, json.dumps(config.to_dict()))
        process = QProcess(self)
        process.finished.connect(lambda _code, _status: self._on_finished(process, config))
        self._process = process
        command = program_command()
        process.start(command[0], [*command[1:], "probe", "--config", str(settings), "--out", self._folder.name])

    def cancel(self) -> None:
        """End it; told as ended without a result."""
        if self._process is not None:
            self._end()
            self.ended.emit(None, "")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _on_finished(self, process: QProcess, config: TrainingConfig) -> None:
        if process is not self._process:
            return
        found = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip().splitlines()
        wrong = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        self._end()
        try:
            pace = _pace(config, json.loads(found[-1]))
        except (ValueError, KeyError, TypeError, IndexError):
            self.ended.emit(None, wrong[-1] if wrong else "The time couldn't be measured.")
        else:
            self.ended.emit(pace, "")
