"""Random weights of which more than rounding can be seen."""

from __future__ import annotations

from core.model.attention import CrossAttention
from core.model.vlm import VisionLanguageModel


def make_heads_differ(model: VisionLanguageModel) -> None:
    """A fresh model's heads all look everywhere alike, so that rounding would decide which of them are kept; larger weights
    make heads, photos and tokens differ. model: whose weights need no gradient."""
    for module in model.modules():
        if isinstance(module, CrossAttention):
            module.query.weight *= 15
            module.key_value.weight *= 40
            module.output.weight *= 20
    model.token_embedding.weight *= 10
