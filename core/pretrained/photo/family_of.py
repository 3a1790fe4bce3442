"""The family of a kind of models."""

from __future__ import annotations

from core.pretrained.photo import families, onevision, qwen_vl
from core.pretrained.photo.families import Family
from core.pretrained.photo.known_families import KINDS


def family_of(model_type: str) -> Family:
    """model_type: one of KINDS."""
    name = KINDS[model_type]
    module = next(module for module in (families, onevision, qwen_vl) if hasattr(module, name))
    return getattr(module, name)()
