"""Where and how precisely a model computes, from the names that users choose."""

from __future__ import annotations

import torch

from core.config import require

_OWN_THREADS = torch.get_num_threads()
"""Torch's own choice, read before anything here changes it."""
DEVICES = ("auto", "cpu", "cuda", "mps")
PRECISIONS = {"auto": torch.float32, "float32": torch.float32, "bfloat16": torch.bfloat16}
"""`auto` is float32. A CPU with bfloat16 instructions encodes a photo in 0.6 of the time in bfloat16, but
takes 1.6 times as long for a token: casts outweigh what a single row saves. A whole answer is faster in float32."""


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one, else the CPU: a model this small gains nothing from Apple's GPU unasked.

    Raises ConfigError for an unknown name, and where the device isn't there.
    """
    require(name in DEVICES, f"device must be one of {', '.join(DEVICES)}, got {name!r}")
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    instead = "choose the device cpu or auto"
    require(name != "cuda" or torch.cuda.is_available(), f"torch finds no CUDA GPU here; {instead}")
    require(name != "mps" or torch.backends.mps.is_available(), f"torch finds no Apple GPU here; {instead}")
    return torch.device(name)


def choose_precision(name: str) -> torch.dtype:
    """The weights' type. Raises ConfigError for an unknown name."""
    require(name in PRECISIONS, f"precision must be one of {', '.join(PRECISIONS)}, got {name!r}")
    return PRECISIONS[name]


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether matrix products in bfloat16 are worth trying: many processors can only imitate them, a hundred times as slowly
    as those in float32."""
    if device.type != "cpu":
        return device.type != "cuda" or torch.cuda.is_bf16_supported()
    # Without oneDNN, or where it has no bfloat16 for this processor, torch multiplies number by number.
    return torch.backends.mkldnn.is_available() and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def own_threads() -> int:
    """How many CPU threads torch would use by itself: about as many as there are cores."""
    return _OWN_THREADS


def set_threads(threads: int | None) -> None:
    """How many CPU threads torch uses, for the whole process; None is torch's own choice. Raises ConfigError."""
    require(threads is None or threads >= 1, f"threads must be at least 1, got {threads}")
    torch.set_num_threads(threads or _OWN_THREADS)
