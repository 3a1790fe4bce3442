"""The models that come with the program. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from core.errors import ModelFileError


@dataclass(frozen=True)
class BundledModel:
    """A model that comes with the program."""

    name: str
    path: Path


REHEARSAL_ENDING = ".rehearsal.safetensors"
"""Of the file beside a model that holds what it rehearses while it is taught; no model itself."""
_FILES = {"Starter model": "starter.safetensors", "Starter model with ViT-Tiny": "starter_vit_tiny.safetensors"}
"""Names and files, the one that answers where no other was chosen first."""


def starter_model_path() -> Path:
    """The model that answers where no other was chosen. Raises ModelFileError where it is missing."""
    path = _folder() / next(iter(_FILES.values()))
    if not path.is_file():
        raise ModelFileError("The starter model is missing from this installation; install it again or name a --model file.")
    return path


def bundled_models() -> tuple[BundledModel, ...]:
    """Those that are there, the starter model first."""
    return tuple(BundledModel(name, path) for name, file in _FILES.items() if (path := _folder() / file).is_file())


def _folder() -> Path:
    return Path(str(resources.files("resources"))) / "models"
