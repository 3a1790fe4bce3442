"""How long a model that isn't here yet would take to answer, estimated from how fast this computer computes. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass

from core.pretrained.hub.recommended_models import BFLOAT16_BYTES, RecommendedModel

ANSWER_TOKENS = 40
QUESTION_TOKENS = 40


@dataclass(frozen=True)
class MachineSpeed:
    """What this computer's processor does, in the faster of float32 and bfloat16."""

    multiplications: float
    """Multiplications with additions a second where many rows go through a matrix: reading a photo."""
    weights: float
    """Weights a second where a single row goes through many matrices: making one token after another."""
    weight_bytes: int = BFLOAT16_BYTES
    """Of a weight in the smallest precision that is worth using: 4 where bfloat16 can only be imitated."""


def expected_seconds(model: RecommendedModel, machine: MachineSpeed, *, answer_tokens: int = ANSWER_TOKENS) -> float:
    """Seconds from a question about a new photo to the end of an answer of usual length. A rough estimate."""
    prompt = model.image_tokens + QUESTION_TOKENS
    words = model.parameters - model.vision_parameters
    reading = (model.vision_parameters * model.patches + words * prompt) / machine.multiplications
    return reading + answer_tokens * words / machine.weights
