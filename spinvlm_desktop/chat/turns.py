"""What each turn of the shown conversation says, and which answer the attention panel is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.answers import Answer, AnswerRequest, AnswerToken, Comparison, HeadIndex, PreviousTurn
from core.config import SpinConfig
from core.photo_layout import PhotoLayout
from core.text.question_kinds.declining import UNSURE
from spinvlm_desktop.answers.spin_words import off_by_hand, suppression


@dataclass
class ShownTurn:
    """A question and what came of it."""

    question: str
    record_id: int | None = None
    """Its number in the history; None where it isn't kept."""
    model: str = ""
    """Name of the model that answers it."""
    spin: SpinConfig | None = None
    ablated: frozenset[HeadIndex] = field(default_factory=frozenset[HeadIndex])
    tokens: list[AnswerToken] = field(default_factory=list[AnswerToken])
    """Of an answer that is being made."""
    result: Answer | Comparison | None = None
    request: AnswerRequest | None = None
    """What the model was asked; of an old conversation, as far as that is known."""
    unasked: AnswerRequest | None = None
    """The request of a description that nobody asked for; it is kept as soon as it is there."""

    def side(self, name: str) -> Sequence[AnswerToken]:
        """Tokens of the `answer`, or of a comparison's `baseline` or `spin`."""
        if isinstance(self.result, Comparison):
            return (self.result.baseline if name == "baseline" else self.result.spin).tokens
        return self.tokens if self.result is None else self.result.tokens

    def layout(self, name: str) -> PhotoLayout | None:
        """Where the cells of a side's maps lie, of an answer of a pretrained model."""
        if isinstance(self.result, Comparison):
            return (self.result.baseline if name == "baseline" else self.result.spin).layout
        return None if self.result is None else self.result.layout

    @property
    def of_classes(self) -> bool:
        """Whether it answers a class question, in which the decoder and its heads have no part."""
        return self.result is not None and bool(self._main_answer().class_shares)

    def _main_answer(self) -> Answer:
        assert self.result is not None
        return self.result.spin if isinstance(self.result, Comparison) else self.result

    @property
    def was_answered(self) -> bool:
        """Whether the model answered, so that there are words to look into."""
        return self.result is not None and self.result.declined is None

    @property
    def was_understood(self) -> bool:
        """Whether a later question may lean on this one: it was answered, also where the answer is held back."""
        return self.result is not None and self.result.declined in (None, UNSURE)

    def as_previous(self) -> PreviousTurn:
        """For later questions. The question must have been understood."""
        assert self.result is not None
        answer = self._main_answer()
        return PreviousTurn(answer.asked or answer.question, answer.text.strip())

    @property
    def looked_finer(self) -> bool:
        """Whether the photo was looked at finer for the answer."""
        answer = self.result.spin if isinstance(self.result, Comparison) else self.result
        return answer is not None and answer.finer

    def text_so_far(self) -> str:
        return "".join(token.text for token in self.tokens).strip()

    @property
    def main_side(self) -> str:
        """The side that the attention panel shows first."""
        return "spin" if isinstance(self.result, Comparison) else "answer"

    def made_by(self) -> str:
        """One line below the answer: how it was made."""
        if self.result is None or self.result.declined is not None:
            return ""
        if self.of_classes:
            return f"{self._main_answer().seconds:.2f} s · told apart by your photos, without the decoder and its heads"
        if isinstance(self.result, Comparison):
            answers = self.result.baseline, self.result.spin
            parts = [f"{sum(answer.seconds for answer in answers):.2f} s for both"]
        else:
            answers = (self.result,)
            parts = [f"{self.result.seconds:.2f} s"]
        parts += [suppression(self.spin), off_by_hand(self.ablated), "looked finer" if self.looked_finer else ""]
        if any(answer.finish == "length" for answer in answers):
            parts.append("cut at the longest answer")
        forgotten = max(answer.forgotten_turns for answer in answers)
        if forgotten:
            parts.append(f"the conversation is too long: its first {'turn' if forgotten == 1 else f'{forgotten} turns'} left out")
        return " · ".join(part for part in parts if part)

    def answers(self) -> list[tuple[str, str]]:
        """Name and text of each: one without a name, or both of a comparison, named for their head suppression."""
        if isinstance(self.result, Comparison):
            both = (None, self.result.baseline), (self.spin, self.result.spin)
            return [(suppression(spin), answer.shown_text) for spin, answer in both]
        return [("", self.text_so_far() if self.result is None else self.result.shown_text)]

    def settings_of(self, name: str) -> str:
        """Model and head suppression of the `answer`, or of a comparison's `baseline` or `spin`."""
        spin = None if name == "baseline" else self.spin
        result = self.result.spin if isinstance(self.result, Comparison) else self.result
        model = self.model if result is None or result.origin is None else result.origin.in_words()
        return ", ".join(part for part in (model, suppression(spin), off_by_hand(self.ablated)) if part)


@dataclass(frozen=True)
class Focus:
    """The answer that the attention panel is about."""

    turn_id: int
    side: str


def earlier_turns(turns: Iterable[ShownTurn]) -> tuple[PreviousTurn, ...]:
    """What was understood before, for a question that comes after these turns."""
    return tuple(turn.as_previous() for turn in turns if turn.was_understood)
