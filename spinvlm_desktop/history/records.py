"""What the history holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.answers import Answer, Comparison, HeadIndex
from core.config import GenerationConfig, SpinConfig


@dataclass(frozen=True)
class Conversation:
    """Questions and answers about one photo."""

    id: int
    title: str
    image_hash: str
    """SHA-256 of the photo's file, hexadecimal."""
    image_name: str
    """Name of the photo's file when it was opened, for people to read."""
    created: float
    """Seconds since 1970."""
    changed: float
    """Time of the last question, answer or new title; seconds since 1970."""


@dataclass(frozen=True)
class Turn:
    """A question and what came of it: an answer, a comparison, an error, or text that an unfinished answer had so far."""

    id: int
    conversation_id: int
    question: str
    answer: Answer | None
    comparison: Comparison | None
    spin: SpinConfig | None
    generation: GenerationConfig
    model: str
    """Name of the model that was asked."""
    error: str | None
    partial_text: str
    """Text of an answer that never ended, because the program did; empty once there is an answer."""
    ablated: frozenset[HeadIndex] = field(default_factory=frozenset[HeadIndex])
    """Heads that were switched off by hand."""
