"""How long a model that isn't here yet would take to answer on this computer, estimated from a measured matrix product."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from core.pretrained.hub.recommended_models import RecommendedModel

ANSWER_TOKENS = 40
QUESTION_TOKENS = 40
WIDTH = 2048
"""Of the measured matrices: 16 MB in float32, more than most processors keep close by."""
MATRICES = 4


@dataclass(frozen=True)
class MachineSpeed:
    """What this computer's processor does, in the faster of float32 and bfloat16."""

    multiplications: float
    """Multiplications with additions a second where many rows go through a matrix: reading a photo."""
    weights: float
    """Weights a second where a single row goes through many matrices: making one token after another."""


def measure_machine(*, repeats: int = 3) -> MachineSpeed:
    """Takes a fraction of a second on an ordinary computer."""
    speeds = [_measure(dtype, repeats) for dtype in (torch.float32, torch.bfloat16)]
    return MachineSpeed(max(speed.multiplications for speed in speeds), max(speed.weights for speed in speeds))


def expected_seconds(model: RecommendedModel, machine: MachineSpeed, *, answer_tokens: int = ANSWER_TOKENS) -> float:
    """Seconds from a question about a new photo to the end of an answer of usual length. A rough estimate."""
    prompt = model.image_tokens + QUESTION_TOKENS
    words = model.parameters - model.vision_parameters
    reading = (model.vision_parameters * model.patches + words * prompt) / machine.multiplications
    return reading + answer_tokens * words / machine.weights


def _measure(dtype: torch.dtype, repeats: int) -> MachineSpeed:
    matrices = [torch.full((WIDTH, WIDTH), 0.01, dtype=dtype) for _ in range(MATRICES)]
    many, single = torch.full((128, WIDTH), 0.01, dtype=dtype), torch.full((1, WIDTH), 0.01, dtype=dtype)
    with torch.inference_mode():
        _quickest(matrices, many, 1)  # the first one finds cold caches
        reading = _quickest(matrices, many, repeats)
        making = _quickest(matrices, single, repeats)
    weights = MATRICES * WIDTH * WIDTH
    return MachineSpeed(weights * len(many) / reading, weights / making)


def _quickest(matrices: list[torch.Tensor], rows: torch.Tensor, repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        for matrix in matrices:
            rows @ matrix  # pyright: ignore[reportUnusedExpression]
        best = min(best, time.perf_counter() - started)
    return best
