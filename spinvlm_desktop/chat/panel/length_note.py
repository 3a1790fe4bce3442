"""How much of a question's length is used, while it is typed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.labels import SentenceLabel

TOKENS_A_WORD = 1.3
"""Of people's questions with the starter model's vocabulary."""
TEMPLATE_TOKENS = 10
"""That stand around a question."""
LETTERS_A_WORD = 12
"""Of a run of letters without a space, which is then counted as several words."""
SHOWN_FROM = 0.6
"""Part of the length from which it is shown."""


def words_in(text: str) -> int:
    """Words as they count for a model: a long run of letters counts for several."""
    return sum(-(-len(word) // LETTERS_A_WORD) for word in text.split())


class LengthNote(SentenceLabel):
    """A line below the chat that is seen only where the question is getting long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._most = 0
        self.setAccessibleName("Length of the question")
        self.setProperty("muted", True)
        self.hide()

    def set_longest(self, tokens: int) -> None:
        """tokens: that a question and what stands around it may have."""
        self._most = max(1, int((tokens - TEMPLATE_TOKENS) / TOKENS_A_WORD))

    def show_length(self, text: str) -> None:
        """text: what is typed so far."""
        words = words_in(text)
        if words > self._most:
            self.setText(f"{words:,} words, and this model takes about {self._most:,}: please shorten the question.")
        else:
            self.setText(f"{words:,} of about {self._most:,} words")
        self.setVisible(bool(self._most) and words >= SHOWN_FROM * self._most)
