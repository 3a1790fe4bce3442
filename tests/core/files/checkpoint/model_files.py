"""What the model files of these tests hold, and the sentence that refuses a file."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import safetensors.torch
import torch
from torch import Tensor

from core.errors import ModelFileError
from core.files.checkpoint import load_model
from core.model.vlm import VisionLanguageModel

SUFFIXES = ("safetensors", "pth")
METRICS = {"bleu4": 0.125, "cider": 0.5, "loss": 2.75}
RECIPE = {"preset": "tiny", "stages": [{"epochs": 1}, {"epochs": 2}], "photos": "Höhle"}
CALIBRATION = {"keep": 4, "alpha": 0.08}

Content = tuple[dict[str, str], dict[str, Tensor]]
"""Metadata and weights of a model file."""


@dataclass(frozen=True)
class Saved:
    """The same model in both kinds of file."""

    folder: Path

    def path(self, suffix: str) -> Path:
        return self.folder / f"model.{suffix}"


def write(path: Path, metadata: dict[str, str], weights: dict[str, Tensor]) -> Path:
    if path.suffix == ".pth":
        torch.save({"metadata": metadata, "weights": weights}, path)
    else:
        safetensors.torch.save_file(weights, path, metadata)
    return path


def with_first_weight(model: VisionLanguageModel, value: float) -> VisionLanguageModel:
    """A copy of the model whose tensor `segment` starts with another value."""
    changed = copy.deepcopy(model)
    changed.segment[0, 0] = value
    return changed


def refusal(path: Path, read: Callable[[Path], object] = load_model) -> str:
    """The sentence that refuses a file; one line that names it."""
    with pytest.raises(ModelFileError) as caught:
        read(path)
    return checked_sentence(path, caught.value)


def checked_sentence(path: Path, error: ModelFileError) -> str:
    sentence = str(error)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence
