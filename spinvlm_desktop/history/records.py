"""What the history holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.answers import Answer, Comparison, HeadIndex
from core.config import GenerationConfig, SpinConfig

TITLE_LENGTH = 60
TELLING = 3
"""Words from which an answer can stand for a conversation."""


def title_of(question: str) -> str:
    """The title of a conversation that begins with this question, until it is renamed."""
    title = " ".join(question.split())
    return title if len(title) <= TITLE_LENGTH else title[: TITLE_LENGTH - 1] + "…"


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
    question: str = ""
    """The first one."""
    answer: str = ""
    """Text of the first answer."""

    @property
    def was_renamed(self) -> bool:
        """Whether the user gave it its title; until then that is the first question."""
        return self.title != title_of(self.question)

    @property
    def name(self) -> str:
        """What it is called where people read it: its given title, an answer that says something, or its photo's name."""
        if self.was_renamed:
            return self.title
        words = self.answer.split()
        return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if len(words) >= TELLING else self.image_name


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
