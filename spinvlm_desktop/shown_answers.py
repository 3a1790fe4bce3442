"""What each turn of the shown conversation says, and which answer the attention panel is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.answers import Answer, AnswerToken, Comparison, HeadIndex
from core.config import SpinConfig
from spinvlm_desktop.spin_words import kept_heads


@dataclass
class ShownTurn:
    """A question and what came of it."""

    question: str
    kept_id: int | None = None
    """Its number in the history; None where it isn't kept."""
    spin: SpinConfig | None = None
    ablated: frozenset[HeadIndex] = field(default_factory=frozenset[HeadIndex])
    tokens: list[AnswerToken] = field(default_factory=list[AnswerToken])
    """Of an answer that is being made."""
    result: Answer | Comparison | None = None

    def side(self, name: str) -> Sequence[AnswerToken]:
        """Tokens of the `answer`, or of a comparison's `baseline` or `spin`."""
        if isinstance(self.result, Comparison):
            return (self.result.baseline if name == "baseline" else self.result.spin).tokens
        return self.tokens if self.result is None else self.result.tokens

    def text_so_far(self) -> str:
        return "".join(token.text for token in self.tokens).strip()

    @property
    def main_side(self) -> str:
        """The side that the attention panel shows first."""
        return "spin" if isinstance(self.result, Comparison) else "answer"

    def made_by(self) -> str:
        """One line below the answer: how it was made."""
        if isinstance(self.result, Comparison):
            return f"{self.result.baseline.seconds + self.result.spin.seconds:.2f} s for both"
        if self.result is None:
            return ""
        parts = [f"{self.result.seconds:.2f} s", "SPIN off"]
        if self.spin is not None:
            parts[1] = f"SPIN on, {kept_heads(self.spin)} kept, the others × {self.spin.alpha:g}"
        if self.ablated:
            parts.append(f"{len(self.ablated)} {'head' if len(self.ablated) == 1 else 'heads'} off by hand")
        if self.result.finish == "length":
            parts.append("cut at the longest answer")
        return " · ".join(parts)


@dataclass(frozen=True)
class Focus:
    """The answer that the attention panel is about."""

    turn_id: int
    side: str
