"""How long answers may be, as the settings and the model have it."""

from __future__ import annotations

from dataclasses import replace

from core.answer_model import ModelDescription
from core.config import GenerationConfig

USUAL = GenerationConfig().max_tokens


def fitted_generation(generation: GenerationConfig, model: ModelDescription | None) -> GenerationConfig:
    """The settings, with the length that is usual for a pretrained model where the user left it as it is."""
    if model is None or model.family is None or generation.max_tokens != USUAL:
        return generation
    return replace(generation, max_tokens=model.usual_answer)
