"""The model file: weights, configuration, tokenizer, metrics and recipe in one file that runs no code when it is read.

A model file is a safetensors file whose metadata holds everything but the weights as JSON, or the same content as a plain
dict that torch saved and that loads with `weights_only=True` (.pth). Which of both a file is, its content tells.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from core.atomic_file import atomic_write
from core.config import ModelConfig
from core.errors import ModelFileError, SpinVlmError
from core.plain_torch_file import load_plain
from core.tokenizer import Tokenizer
from core.vlm import VisionLanguageModel

FORMAT_NAME = "spinvlm"
FORMAT_VERSION = 1
PrecisionName = Literal["float16", "float32"]
_DTYPES = {"float16": torch.float16, "float32": torch.float32}


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says of itself."""

    path: Path
    config: ModelConfig
    metrics: dict[str, Any]
    """Measured on the dev split after training."""
    recipe: dict[str, Any]
    """How it was trained."""
    calibration: dict[str, Any] | None
    """The SPIN setting that was best on held-out data, where it was measured."""
    created: str
    """UTC time in ISO 8601."""
    tokenizer_json: str = field(repr=False)


@dataclass(frozen=True)
class ModelFile:
    """A model file, loaded."""

    info: ModelInfo
    model: VisionLanguageModel
    """In eval mode, with float32 weights."""
    tokenizer: Tokenizer

    @property
    def path(self) -> Path:
        return self.info.path

    @property
    def config(self) -> ModelConfig:
        return self.info.config

    @property
    def metrics(self) -> dict[str, Any]:
        return self.info.metrics

    @property
    def recipe(self) -> dict[str, Any]:
        return self.info.recipe

    @property
    def calibration(self) -> dict[str, Any] | None:
        return self.info.calibration

    def content_hash(self) -> str:
        """SHA-256 of the file, as hexadecimal digits."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def save_model(
    path: Path,
    model: VisionLanguageModel,
    tokenizer: Tokenizer,
    *,
    metrics: dict[str, Any],
    recipe: dict[str, Any],
    calibration: dict[str, Any] | None = None,
    precision: PrecisionName = "float16",
) -> None:
    """Write a model file atomically: a plain dict for a .pth suffix, else safetensors. Raises OSError."""
    dtype = _DTYPES[precision]
    weights = {
        name: tensor.detach().to("cpu", dtype if tensor.is_floating_point() else tensor.dtype).contiguous()
        for name, tensor in model.state_dict().items()
    }
    metadata = {
        "format": FORMAT_NAME,
        "format_version": str(FORMAT_VERSION),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "config": json.dumps(model.config.to_dict()),
        "tokenizer": tokenizer.to_json(),
        "metrics": json.dumps(metrics),
        "recipe": json.dumps(recipe),
        "calibration": json.dumps(calibration),
    }
    with atomic_write(path) as file:
        if path.suffix == ".pth":
            torch.save({"metadata": metadata, "weights": weights}, file)
        else:
            file.write(safetensors.torch.save(weights, metadata))


def load_model(path: Path) -> ModelFile:
    """Read a model file of either kind. Raises ModelFileError, which names the file and what is wrong with it."""
    metadata, weights = _read(path, with_weights=True)
    info = _info(path, metadata)
    tokenizer = _tokenizer(info)
    # On the meta device nothing is initialised, which would take longer than reading the file.
    with torch.device("meta"):
        model = VisionLanguageModel(info.config)
    _check_weights(path, model.state_dict(), weights)
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()}, assign=True)
    return ModelFile(info, model.requires_grad_(False).eval(), tokenizer)


def read_model_info(path: Path) -> ModelInfo:
    """What a model file says of itself; of a safetensors file only the header is read. Raises ModelFileError."""
    return _info(path, _read(path, with_weights=False)[0])


def starter_model_path() -> Path:
    """The model that comes with the program. Raises ModelFileError where it is missing."""
    path = Path(str(resources.files("resources"))) / "models" / "starter.safetensors"
    if not path.is_file():
        raise ModelFileError("The starter model is missing from this installation; install it again or name a --model file.")
    return path


def _read(path: Path, *, with_weights: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Metadata and weights. Which kind of file it is, the first bytes tell: torch's are ZIP archives."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except FileNotFoundError:
        raise ModelFileError(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise ModelFileError(f"{path} is a folder, not a model file.") from None
    except OSError as error:
        raise ModelFileError(f"{path} can't be read: {error.strerror}.") from error
    if not start:
        raise ModelFileError(f"The model file {path} is empty.")
    return _read_dict(path) if start == b"PK\x03\x04" else _read_safetensors(path, with_weights=with_weights)


def _read_safetensors(path: Path, *, with_weights: bool) -> tuple[dict[str, Any], dict[str, Tensor]]:
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            return metadata, {name: file.get_tensor(name) for name in file.keys()} if with_weights else {}  # noqa: SIM118  # no dict
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise ModelFileError(f"{path} is no model file, or a damaged one ({error}).") from error


def _read_dict(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    content = load_plain(path)
    parts = [content.get(name) if isinstance(content, dict) else None for name in ("metadata", "weights")]
    if not all(isinstance(part, dict) for part in parts):
        raise ModelFileError(f"{path} is not a model of this program.")
    return content["metadata"], content["weights"]


def _info(path: Path, metadata: dict[str, Any]) -> ModelInfo:
    if metadata.get("format") != FORMAT_NAME:
        raise ModelFileError(f"{path} is not a model of this program.")
    try:
        version = int(metadata["format_version"])
        if version > FORMAT_VERSION:
            raise ModelFileError(f"{path} was made by a newer version of this program; please update.")
        return ModelInfo(
            path=path,
            config=ModelConfig.from_dict(json.loads(metadata["config"])),
            metrics=json.loads(metadata["metrics"]),
            recipe=json.loads(metadata["recipe"]),
            calibration=json.loads(metadata.get("calibration", "null")),
            created=metadata.get("created", ""),
            tokenizer_json=metadata["tokenizer"],
        )
    except ModelFileError:
        raise
    except KeyError as error:
        raise ModelFileError(f"The model file {path} is damaged: it holds no {error.args[0]}.") from error
    except (ValueError, TypeError, AttributeError, SpinVlmError) as error:
        raise ModelFileError(f"The model file {path} is damaged: {error}") from error


def _tokenizer(info: ModelInfo) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_json(info.tokenizer_json)
    except SpinVlmError as error:
        raise ModelFileError(f"The model file {info.path} is damaged: {error}") from error
    if tokenizer.vocabulary_size != info.config.vocabulary_size:
        raise ModelFileError(
            f"The model file {info.path} is damaged: its tokenizer knows {tokenizer.vocabulary_size} tokens and its model "
            f"{info.config.vocabulary_size}."
        )
    return tokenizer


def _check_weights(path: Path, expected: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    for name, tensor in expected.items():
        if name not in found:
            raise ModelFileError(f"The model file {path} is damaged: the tensor {name} is missing.")
        if found[name].shape != tensor.shape:
            raise ModelFileError(
                f"The model file {path} is damaged: the tensor {name} has shape {list(found[name].shape)} instead of "
                f"{list(tensor.shape)}."
            )
    for name in found:
        if name not in expected:
            raise ModelFileError(f"The model file {path} is damaged: it holds an unknown tensor {name}.")
        if not torch.isfinite(found[name]).all():
            raise ModelFileError(f"The model file {path} is damaged: the tensor {name} holds values that are not numbers.")
