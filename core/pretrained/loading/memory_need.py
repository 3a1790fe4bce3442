"""How much memory a pretrained model takes, estimated from its folder before anything is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psutil

from core.pretrained.errors import PretrainedModelError
from core.pretrained.loading.model_folder import ModelFolder

GIGABYTE = 1_000_000_000
PROMPT_TOKENS = 4096
"""Tokens of photo, conversation and answer that the estimate allows for."""
SPARE = 300_000_000
"""The libraries' own, and what the allocator wastes."""
BYTES = {"bfloat16": 2, "float16": 2, "float32": 4}


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes."""

    weights: int
    cache: int
    """Keys and values of a long prompt and its answer; answers to one prompt share most of it."""
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.cache + self.activations + SPARE


def estimate(folder: ModelFolder, *, precision: str) -> MemoryNeed:
    """precision: float32, bfloat16 or float16."""
    size = BYTES[precision]
    text: dict[str, Any] = folder.config.get("text_config") or folder.config
    vision: dict[str, Any] = folder.config.get("vision_config") or {}
    layers, width = _number(text, "num_hidden_layers", 32), _number(text, "hidden_size", 4096)
    heads = _number(text, "num_attention_heads", 32)
    key_heads, head_width = _number(text, "num_key_value_heads", heads), _number(text, "head_dim", width // max(heads, 1))
    inner, vocabulary = _number(text, "intermediate_size", 4 * width), _number(text, "vocab_size", 32_000)
    vision_width = _number(vision, "hidden_size", _number(vision, "embed_dim", 1024))
    vision_inner = _number(vision, "intermediate_size", 4 * vision_width)
    cache = 2 * layers * key_heads * head_width * PROMPT_TOKENS * size
    read = PROMPT_TOKENS * (6 * width + 3 * inner) * size
    looked = PROMPT_TOKENS * 2 * (6 * vision_width + 2 * vision_inner) * size
    return MemoryNeed(folder.parameters * size, cache, max(read, looked) + vocabulary * 16)


def available_memory() -> int:
    """Bytes that can be had without the system starting to swap."""
    return int(psutil.virtual_memory().available)


def check_memory(folder: ModelFolder, *, precision: str, available: int | None = None) -> MemoryNeed:
    """Raises PretrainedModelError, with the numbers, where the model doesn't fit. available: bytes, None is measured."""
    need = estimate(folder, precision=precision)
    free = available_memory() if available is None else available
    if need.total > free:
        raise PretrainedModelError(
            f"{folder.name} needs about {need.total / GIGABYTE:.1f} GB of memory in {precision}, and {free / GIGABYTE:.1f} GB "
            "are free: close other programs, or choose a smaller model."
        )
    return need


def _number(values: dict[str, Any], name: str, default: int) -> int:
    found = values.get(name)
    return found if isinstance(found, int) and found > 0 else default
