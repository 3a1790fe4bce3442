"""How fast a computer trains with given settings, measured before a run and kept beside it. Torch-free."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from core.errors import ConfigError
from core.files.atomic_file import write_text
from training.run.training_config import TrainingConfig

PACE_NAME = "pace.json"
"""Beside the run that it was measured for."""
_DECISIVE = (
    "start_from", "encoder_name", "image_size", "layers", "width", "heads", "vocabulary_size", "captions_per_photo",
    "derived_per_photo", "warm_up.batch_photos", "fine_tune.batch_photos",
)
"""Settings that the pace depends on."""


@dataclass(frozen=True)
class Pace:
    """Seconds a photo."""

    config: TrainingConfig
    look: float
    """To read it and to compute what the encoder sees, once."""
    warm_up: float
    """In each pass of stage 1."""
    fine_tune: float
    """In each pass of stage 2."""
    memory_bytes: int
    """Of the process, at most."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Self:
        """Raises ConfigError, ValueError, KeyError or TypeError for anything else than `to_dict` makes."""
        config = TrainingConfig.from_dict(found["config"])
        return cls(
            config, float(found["look"]), float(found["warm_up"]), float(found["fine_tune"]), int(found["memory_bytes"])
        )

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
        write_text(folder / PACE_NAME, json.dumps(pace.to_dict()))


def kept_pace(folder: Path) -> Pace | None:
    """As it was measured before this run began; None where it wasn't."""
    try:
        return Pace.from_dict(json.loads((folder / PACE_NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, ConfigError):
        return None


def _value(config: TrainingConfig, path: str) -> object:
    value: object = config
    for name in path.split("."):
        value = getattr(value, name)
    return value
