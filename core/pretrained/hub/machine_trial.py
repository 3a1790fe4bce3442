"""How fast this computer computes, measured with matrix products."""

from __future__ import annotations

import time

import torch

from core.compute_device import multiplies_bfloat16
from core.pretrained.hub.answer_time import MachineSpeed

WIDTH = 2048
"""Of the measured matrices: 16 MB in float32, more than most processors keep close by."""
MATRICES = 4


def measure_machine(*, repeats: int = 3) -> MachineSpeed:
    """Takes a fraction of a second on an ordinary computer."""
    whole = _measure(torch.float32, repeats)
    if not multiplies_bfloat16(torch.device("cpu")):
        return whole
    half = _measure(torch.bfloat16, repeats)
    return MachineSpeed(max(whole.multiplications, half.multiplications), max(whole.weights, half.weights), half.weight_bytes)


def _measure(dtype: torch.dtype, repeats: int) -> MachineSpeed:
    matrices = [torch.full((WIDTH, WIDTH), 0.01, dtype=dtype) for _ in range(MATRICES)]
    many, single = torch.full((128, WIDTH), 0.01, dtype=dtype), torch.full((1, WIDTH), 0.01, dtype=dtype)
    with torch.inference_mode():
        _quickest(matrices, many, 1)  # the first one finds cold caches
        reading = _quickest(matrices, many, repeats)
        making = _quickest(matrices, single, repeats)
    weights = MATRICES * WIDTH * WIDTH
    return MachineSpeed(weights * len(many) / reading, weights / making, dtype.itemsize)


def _quickest(matrices: list[torch.Tensor], rows: torch.Tensor, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        for matrix in matrices:
            rows @ matrix  # pyright: ignore[reportUnusedExpression]
        best = min(best, time.perf_counter() - started)
    return best
