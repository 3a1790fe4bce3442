"""A rehearsal file: beside a model, what it is shown again while it is taught something new, so that it doesn't forget.

A safetensors file, which runs no code when it is read. Tensors: see compression.py, `codes` to `filler`.
Its metadata holds as JSON what was asked about each photo with the answers, where the photos are from, and which encoder saw
them. It holds no photo.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import safetensors.torch
from torch import Tensor, nn

from core.errors import ModelFileError
from core.files.atomic_file import atomic_write
from core.files.bundled_models import REHEARSAL_ENDING, bundled_models
from core.files.checkpoint import ModelFile
from core.files.model_info import read_header
from core.files.tensor_file import all_finite, read_safetensors
from training.data.qa_pair import QaPair
from training.rehearsal.compression import CompressedFeatures

FORMAT_NAME, FORMAT_VERSION = "spinvlm-rehearsal", "1"
TENSORS = ("codes", "scale", "directions", "mean", "filler")


@dataclass(frozen=True)
class Rehearsal:
    """Photos that a model was trained on, and some that it wasn't, as its encoder sees them."""

    encoder: str
    """encoder_hash of the encoder that saw them."""
    source: str
    """Where the photos are from, in words."""
    features: CompressedFeatures
    pairs: Sequence[Sequence[QaPair]]
    """For each photo."""
    learnt: int
    """The first so many photos are the model's training photos; it wasn't trained on the others, which are for measuring."""


def rehearsal_path(model: Path) -> Path:
    """Where a model's rehearsal file lies."""
    return model.with_name(f"{model.stem}{REHEARSAL_ENDING}")


def encoder_hash(encoder: nn.Module) -> str:
    """SHA-256 of an encoder's weights in float16, as model files have them: the same for all models that share a frozen one."""
    digest = hashlib.sha256()
    for name, tensor in sorted(encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().half().contiguous().numpy().tobytes())
    return digest.hexdigest()


def find_rehearsal(model: ModelFile) -> Rehearsal | None:
    """The file beside a model, else one that came with the program for the same encoder; None where there is neither.

    Raises ModelFileError where it is damaged.
    """
    wanted = encoder_hash(model.model.encoder)
    for path in (rehearsal_path(model.path), *(rehearsal_path(bundled.path) for bundled in bundled_models())):
        if path.is_file():
            found = read_rehearsal(path)
            if found.encoder == wanted:
                return found
    return None


def write_rehearsal(path: Path, rehearsal: Rehearsal) -> None:
    """Write the file atomically. Raises OSError."""
    features = rehearsal.features
    tensors = {name: getattr(features, name).contiguous() for name in TENSORS}
    metadata = {
        "format": FORMAT_NAME, "format_version": FORMAT_VERSION, "encoder": rehearsal.encoder, "source": rehearsal.source,
        "learnt": str(rehearsal.learnt),
        "pairs": json.dumps([[pair.to_dict() for pair in pairs] for pairs in rehearsal.pairs], ensure_ascii=False),
    }
    with atomic_write(path) as file:
        file.write(safetensors.torch.save(tensors, metadata))


def read_rehearsal(path: Path) -> Rehearsal:
    """Raises ModelFileError for what isn't such a file, is damaged, or of a newer format."""
    metadata = read_header(path)
    if metadata.get("format") != FORMAT_NAME:
        raise ModelFileError(f"{path} is not a rehearsal file.")
    if metadata.get("format_version") != FORMAT_VERSION:
        raise ModelFileError(f"{path} was written by a newer version of this program.")
    tensors = read_safetensors(path)
    try:
        pairs = [[_pair(values) for values in photo] for photo in json.loads(metadata["pairs"])]
        features = _features(tensors)
        learnt = int(metadata["learnt"])
        if len(pairs) != features.photos or not 0 <= learnt <= len(pairs):
            raise ValueError("numbers of photos differ")
        return Rehearsal(str(metadata["encoder"]), str(metadata["source"]), features, pairs, learnt)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelFileError(f"The rehearsal file {path} is damaged ({error}).") from error


def _features(tensors: Mapping[str, Tensor]) -> CompressedFeatures:
    codes, scale, directions, mean, filler = (tensors[name].clone() for name in TENSORS)  # the file may be replaced meanwhile
    fit = directions.shape == (codes.shape[-1], *mean.shape) and scale.shape == codes.shape[2:] and filler.shape == mean.shape
    if codes.ndim != 3 or not fit:
        raise ValueError("its tensors don't fit together")
    if not all(all_finite(tensor) for tensor in (scale, directions, mean, filler)):
        raise ValueError("it holds values that are not numbers")
    return CompressedFeatures(codes, scale, directions, mean, filler)


def _pair(values: Any) -> QaPair:
    known = cast("dict[str, Any]", values)
    answers = tuple((str(text), int(people)) for text, people in known.get("answers", {}).items())
    return QaPair(str(known["image"]), str(known["question"]), str(known["answer"]), str(known["kind"]), answers)
