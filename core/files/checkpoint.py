"""The model file: weights, configuration, tokenizer, metrics and recipe in one file that runs no code when it is read.

A model file is a safetensors file whose metadata holds everything but the weights as JSON, or the same content as a plain
dict that torch saved and that loads with `weights_only=True` (.pth). A file's content decides which of the two it is.
"""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from core.config import ModelConfig
from core.errors import ModelFileError, SpinVlmError
from core.files.atomic_file import atomic_write
from core.files.model_info import (
    FORMAT_NAME,
    FORMAT_VERSION,
    ZIP_START,
    ModelInfo,
    PrecisionName,
    first_bytes,
    parse_metadata,
    read_header,
)
from core.files.tensor_file import all_finite, read_safetensors, read_torch_file, write_torch_file
from core.model.vlm import VisionLanguageModel
from core.model.without_values import without_values
from core.text.tokenizer import Tokenizer

__all__ = ["ModelFile", "ModelInfo", "PrecisionName", "load_model", "read_model_info", "save_model"]

log = logging.getLogger(__name__)
_DTYPES: dict[PrecisionName, torch.dtype] = {"float16": torch.float16, "float32": torch.float32}


@dataclass(frozen=True)
class ModelFile:
    """A model file, loaded. It no longer depends on the file, which may be moved or replaced."""

    info: ModelInfo
    model: VisionLanguageModel
    """In eval mode, with float32 weights."""
    tokenizer: Tokenizer
    precision: PrecisionName
    """Of the weights in the file."""

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

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of description and weights as hexadecimal digits: of the model and not of the file, so that a .pth and
        a .safetensors file of one model agree. Computed when it is first asked for."""
        digest = hashlib.sha256()
        for part in (self.config.to_dict(), self.info.tokenizer_json):
            digest.update(json.dumps(part, sort_keys=True).encode())
        dtype = _DTYPES[self.precision]
        for name, tensor in sorted(self.model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.to("cpu", dtype).contiguous().numpy())
        return digest.hexdigest()


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
    """Write a model file atomically: a plain dict for a .pth suffix, else safetensors.

    Where a weight is too large for float16, float32 is written. Raises OSError, and ModelFileError for a model that could
    not be loaded again; a file that was there is as it was then.
    """
    metadata = {
        "format": FORMAT_NAME,
        "format_version": str(FORMAT_VERSION),
        "program_version": _program_version(),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "config": json.dumps(model.config.to_dict()),
        "tokenizer": tokenizer.to_json(),
        "metrics": json.dumps(metrics),
        "recipe": json.dumps(recipe),
        "calibration": json.dumps(calibration),
    }
    if tokenizer.vocabulary_size != model.config.vocabulary_size:
        raise ModelFileError(
            f"{path} was not written: the tokenizer knows {tokenizer.vocabulary_size} tokens and the model "
            f"{model.config.vocabulary_size}."
        )
    weights = _weights_to_save(path, model, precision)
    with atomic_write(path) as file:
        if path.suffix.lower() == ".pth":
            write_torch_file({"metadata": metadata, "weights": weights}, file)
        else:
            file.write(safetensors.torch.save(weights, metadata))


def load_model(path: Path) -> ModelFile:
    """Read a model file of either kind. Raises ModelFileError, which names the file and what is wrong with it."""
    if first_bytes(path).startswith(ZIP_START):
        metadata, weights = _read_dict(path)
    else:
        metadata, weights = read_header(path), {}
    # A file of a newer format may hold its weights in another way: what the file says of itself comes first.
    info = parse_metadata(path, metadata)
    tokenizer = _tokenizer(info)
    weights = weights or read_safetensors(path)
    model = _empty_model(info, len(weights))
    precision = _check_weights(path, model.state_dict(), weights)
    kinds = {name: tensor.dtype for name, tensor in model.state_dict().items()}
    weights = {name: _in_memory(path, name, tensor).to(kinds[name]) for name, tensor in weights.items()}
    model.load_state_dict(weights, assign=True)
    return ModelFile(info, model.requires_grad_(False).eval(), tokenizer, precision)


def read_model_info(path: Path) -> ModelInfo:
    """What a model file says of itself, without its weights. Raises ModelFileError."""
    is_dict = first_bytes(path).startswith(ZIP_START)
    return parse_metadata(path, _read_dict(path)[0] if is_dict else read_header(path))


def _weights_to_save(path: Path, model: VisionLanguageModel, precision: PrecisionName) -> dict[str, Tensor]:
    weights = {name: tensor.detach().to("cpu", torch.float32) for name, tensor in model.state_dict().items()}
    for name, tensor in weights.items():
        if not all_finite(tensor):
            raise ModelFileError(f"{path} was not written: the tensor {name} holds values that are not numbers.")
    half = {name: tensor.to(_DTYPES[precision]).contiguous() for name, tensor in weights.items()}
    if all(map(all_finite, half.values())):
        return half
    log.warning("%s is written in float32: it has weights that are too large for float16", path)
    return {name: tensor.contiguous() for name, tensor in weights.items()}


def _program_version() -> str:
    try:
        return importlib.metadata.version("spinvlm-desktop")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _read_dict(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    content = read_torch_file(path)
    parts = [content.get(name) if isinstance(content, dict) else None for name in ("metadata", "weights")]
    if not isinstance(parts[0], dict) or not isinstance(parts[1], dict):
        raise ModelFileError(f"{path} is not a model of SpinVLM.")
    return parts[0], parts[1]


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


def _empty_model(info: ModelInfo, tensors: int) -> VisionLanguageModel:
    """The model that the file describes, without values."""
    if info.config.layers > tensors:  # it would take forever to build what a damaged number of layers says
        raise ModelFileError(
            f"The model file {info.path} is damaged: it holds {tensors} tensors for {info.config.layers} layers."
        )
    try:
        with without_values():
            model = VisionLanguageModel(info.config)
        if not {name for name, _ in model.named_buffers()} <= model.state_dict().keys():
            model = VisionLanguageModel(info.config)  # it has values of its own that no file holds
    except Exception as error:  # timm and torch fail in many ways on sizes that no model has
        raise ModelFileError(
            f"The model file {info.path} is damaged or needs another version of timm: the model that it describes can't be "
            f"built ({str(error).splitlines()[0] if str(error) else type(error).__name__})."
        ) from error
    return model


def _check_weights(path: Path, expected: dict[str, Tensor], found: dict[str, Tensor]) -> PrecisionName:
    """Names, shapes and types; returns the precision."""
    damaged = f"The model file {path} is damaged:"
    for name, tensor in expected.items():
        if name not in found:
            raise ModelFileError(f"{damaged} the tensor {name} is missing.")
        there = found[name]
        if type(there) is not Tensor or there.layout != torch.strided or there.device.type != "cpu":
            raise ModelFileError(f"{damaged} {name} is not a plain tensor.")
        if there.shape != tensor.shape:
            raise ModelFileError(
                f"{damaged} the tensor {name} has shape {list(there.shape)} instead of {list(tensor.shape)}."
            )
        if there.dtype not in _DTYPES.values():
            raise ModelFileError(f"{damaged} the tensor {name} is of type {str(there.dtype).removeprefix('torch.')}.")
    for name in found:
        if name not in expected:
            raise ModelFileError(f"{damaged} it holds an unknown tensor {name}.")
    return "float16" if all(found[name].dtype == torch.float16 for name in expected) else "float32"


def _in_memory(path: Path, name: str, tensor: Tensor) -> Tensor:
    """A copy in float32: the tensor itself may still lie in the file, which could be replaced or go away."""
    copied = tensor.detach().to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    if not all_finite(copied):
        raise ModelFileError(f"The model file {path} is damaged: the tensor {name} holds values that are not numbers.")
    return copied
