"""What a student's learning goes on from, in one file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from core.errors import TrainingError
from core.files.atomic_file import atomic_write
from core.files.tensor_file import read_torch_file, write_torch_file

FORMAT = 1


@dataclass
class Position:
    """How far the learning is."""

    step: int = 0
    seen: int = 0
    """Views."""
    cpu_seconds: float = 0.0
    """Processor time of all processes so far."""
    seconds: float = 0.0


def save_checkpoint(path: Path, position: Position, parts: dict[str, Any]) -> None:
    """Write it atomically. parts: state dicts and settings by name. Raises TrainingError; the old one is intact then."""
    try:
        with atomic_write(path) as file:
            write_torch_file({"format": FORMAT, "position": asdict(position), **parts}, file)
    except OSError as error:
        raise TrainingError(f"The checkpoint {path} can't be written ({error}); the last one is intact.") from error


def load_checkpoint(path: Path) -> tuple[Position, dict[str, Any]]:
    """Position and parts of a checkpoint. Raises ModelFileError for a damaged file, TrainingError for another format."""
    content = read_torch_file(path)
    if content.pop("format", None) != FORMAT:
        raise TrainingError(f"{path} is no checkpoint of this program.")
    # Copied, so that the file can be replaced while it is in use.
    return Position(**content.pop("position")), _copied(content)


def _copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.clone()
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value
