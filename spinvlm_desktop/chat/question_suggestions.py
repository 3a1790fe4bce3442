"""Which questions are suggested next: what fits the photo as it was last described, and wasn't asked yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.answers import Answer
from spinvlm_desktop.chat.panel.chat_panel import ChatPanel
from spinvlm_desktop.chat.photo_questions import questions_about
from spinvlm_desktop.chat.turns import ShownTurn

MOST_OWN = 2
"""Of the user's class questions, that are suggested."""


class QuestionSuggestions:
    """Has the chat suggest questions about the photo on show."""

    def __init__(self, chat: ChatPanel, turns: Mapping[int, ShownTurn]) -> None:
        """turns: those on show, as they are at any time."""
        self._chat, self._turns = chat, turns
        self._own: tuple[str, ...] = ()

    def set_own(self, questions: Sequence[str]) -> None:
        """Class questions of the user's, which are suggested for every photo, first of all."""
        self._own = tuple(questions)
        self.refresh()

    def refresh(self) -> None:
        """For the turns as they are now."""
        results = [turn.result for turn in self._turns.values() if isinstance(turn.result, Answer)]
        fitting = next((found for result in reversed(results) if (found := questions_about(result))), ())
        asked = {turn.question.casefold() for turn in self._turns.values()}
        suggested = (*self._own[:MOST_OWN], *fitting) if fitting else ()
        self._chat.suggest([question for question in suggested if question.casefold() not in asked])
