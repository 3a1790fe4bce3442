"""What a run resumes from: weights, averaged weights, optimiser and position, as one file without pickled code."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch

from core.errors import TrainingError
from core.files.atomic_file import atomic_write
from core.files.tensor_file import write_torch_file

FORMAT = 2
OTHER_GROUPS = 1
"""The format before, whose optimizer has other groups of parameters."""


@dataclass
class Position:
    """Where in the run training is; changes at each step."""

    stage: int = 0
    """Index of the stage."""
    step: int = 0
    """Optimiser steps done in the stage."""
    best_dev_loss: float = float("inf")
    bad_epochs: int = 0
    """Epochs since the best dev loss."""
    epoch_loss: float = 0.0
    """Sum of the losses of this epoch's tokens so far."""
    epoch_tokens: float = 0.0
    seconds: float = 0.0
    """Time trained so far, in all processes' life times."""
    photos_at_once: int = 0
    """Photos that are computed at a time since memory ran out; 0: whole batches."""
    history: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """A line per epoch done: stage, epoch, train and dev loss."""


def save_state(path: Path, position: Position, parts: dict[str, dict[str, Any]]) -> None:
    """Write the checkpoint atomically. parts: state dicts by name. Raises TrainingError, the old one intact."""
    content = {"format": FORMAT, "position": {f.name: getattr(position, f.name) for f in fields(position)}, **parts}
    try:
        with atomic_write(path) as file:
            write_torch_file(content, file)
    except OSError as error:
        raise TrainingError(f"The checkpoint {path} can't be written ({error}); the last one is intact.") from error


def load_state(path: Path) -> tuple[Position, dict[str, dict[str, Any]]]:
    """Position and state dicts of a checkpoint; no "optimizer" where this program's has other groups of parameters.

    Raises TrainingError where it is damaged or of another version.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        made_by = content.pop("format")
        if made_by == OTHER_GROUPS:
            content.pop("optimizer")
        elif made_by != FORMAT:
            raise TrainingError(f"The checkpoint {path} is of format {made_by}, this program resumes format {FORMAT}.")
        return Position(**content.pop("position")), content
    except TrainingError:
        raise
    except Exception as error:  # torch.load raises many kinds on a damaged file
        raise TrainingError(f"The checkpoint {path} is damaged: {str(error).splitlines()[0]}") from error
