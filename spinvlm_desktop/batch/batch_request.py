"""What is asked of many photos, and the words around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.answers.spin_words import suppression


@dataclass(frozen=True)
class BatchSettings:
    """How the photos are to be answered."""

    model: str = ""
    """Its name; empty while none is loaded."""
    spin: SpinConfig | None = None
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    finer: bool = False
    """Whether the photos are looked at finer."""

    def in_words(self) -> str:
        """One line for people; what is usual isn't said."""
        method = "" if self.generation.method == "default" else self.generation.method
        parts = (self.model, suppression(self.spin), method, "looks finer" if self.finer else "")
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class BatchRequest:
    """One question about many photos."""

    images: tuple[Path, ...]
    question: str
    settings: BatchSettings = field(default_factory=BatchSettings)


def photos_in_words(count: int) -> str:
    return "1 photo" if count == 1 else f"{count:,} photos"
