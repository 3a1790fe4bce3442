"""The setting of SPIN that was measured best for a model, as its file has it. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.config import SpinConfig
from core.errors import ConfigError

SPIN = "spin"
"""Its name in a model file's calibration."""


@dataclass(frozen=True)
class CalibratedSpin:
    """What was found best."""

    spin: SpinConfig | None
    """None: off."""


def has_spin(calibration: Mapping[str, Any] | None) -> bool:
    """Whether it was measured, even if this version can't read what was found."""
    return calibration is not None and SPIN in calibration


def calibrated_spin(calibration: Mapping[str, Any] | None) -> CalibratedSpin | None:
    """What a model file's calibration says; None where it was never measured, or can't be read."""
    if calibration is None or SPIN not in calibration:
        return None
    values = calibration[SPIN]
    if values is None:
        return CalibratedSpin(None)
    try:
        return CalibratedSpin(SpinConfig.from_dict(values))
    except (ConfigError, TypeError, AttributeError):
        return None  # a file of another program may carry what this one can't do
