"""Settings of a run from a JSON file that a person or another program wrote. Torch-free."""

from __future__ import annotations

import json
from pathlib import Path

from core.errors import ConfigError
from training.run.training_config import TrainingConfig


def read_config_file(path: Path) -> TrainingConfig:
    """Raises ConfigError with one sentence for a file that can't be read or holds something else."""
    try:
        return TrainingConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(f"The settings {path} can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"The settings in {path} are damaged: {error}") from error
