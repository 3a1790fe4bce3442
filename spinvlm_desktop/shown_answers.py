"""What each turn of the shown conversation says, and which answer the attention panel is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.answers import Answer, AnswerToken, Comparison


@dataclass
class ShownTurn:
    """A question and what came of it."""

    question: str
    tokens: list[AnswerToken] = field(default_factory=list[AnswerToken])
    """Of an answer that is being made."""
    result: Answer | Comparison | None = None

    def side(self, name: str) -> Sequence[AnswerToken]:
        """Tokens of the `answer`, or of a comparison's `baseline` or `spin`."""
        if isinstance(self.result, Comparison):
            return (self.result.baseline if name == "baseline" else self.result.spin).tokens
        return self.tokens if self.result is None else self.result.tokens

    @property
    def main_side(self) -> str:
        """The side that the attention panel shows first."""
        return "spin" if isinstance(self.result, Comparison) else "answer"


@dataclass(frozen=True)
class Focus:
    """The answer that the attention panel is about."""

    turn_id: int
    side: str
