"""An answer whose words can be clicked, stepped through, coloured and marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QFontDatabase, QHelpEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QToolTip, QWidget

from core.answers import Answer, AnswerToken
from spinvlm_desktop.answers.answer_markup import ShownWord, laid_out
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words
from spinvlm_desktop.widgets.theme import colours
from spinvlm_desktop.widgets.word_text import WordText

PLAIN_TIP = "Click to see where the model looked for this word"


class AnswerText(WordText):
    """Set word by word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: list[AnswerToken] = []
        self._words: list[AnswerWord] = []
        self._shown: list[ShownWord] = []
        """The words as they are written."""
        self._weights: Sequence[float] | None = None
        self._marked: frozenset[int] = frozenset()
        self._looking = True
        self.document().setDocumentMargin(2)
        self.setAccessibleName("Answer; left and right step through its words")

    # -- content

    def set_tokens(self, tokens: Sequence[AnswerToken]) -> None:
        """Show these tokens' words."""
        self._tokens = list(tokens)
        self._words = answer_words(self._tokens)
        self._shown = laid_out(self._words)
        self._render()

    def set_answer(self, answer: Answer) -> None:
        """Show a whole answer; a description as a sentence, while its words stay those of the tokens."""
        self.set_tokens(answer.tokens)
        if answer.is_sentence and self._shown:
            first = self._shown[0].text
            self._shown[0] = replace(self._shown[0], text=first[:1].upper() + first[1:])
            self._shown[-1] = replace(self._shown[-1], text=self._shown[-1].text + answer.full_stop)
            self._render()

    def append_tokens(self, tokens: Sequence[AnswerToken]) -> None:
        self.set_tokens([*self._tokens, *tokens])

    @property
    def words(self) -> list[AnswerWord]:
        return self._words

    def set_word_weights(self, weights: Sequence[float] | None) -> None:
        """Colour each word's ground by a weight in [0, 1]."""
        self._weights = weights
        self._render()

    def mark_words(self, words: frozenset[int]) -> None:
        """Mark words that another answer doesn't have."""
        self._marked = words
        self._render()

    def set_looking(self, looking: bool) -> None:
        """Whether weakly grounded words are dotted, and words have their numbers."""
        if looking != self._looking:
            self._looking = looking
            self._render()

    def _render(self) -> None:
        ends = list(accumulate(len(shown.before) + len(shown.text) for shown in self._shown))
        self._spans = [(end - len(shown.text), end) for shown, end in zip(self._shown, ends, strict=True)]
        self.document().clear()
        cursor = QTextCursor(self.document())
        for word, shown in zip(self._words, self._shown, strict=True):
            cursor.insertText(shown.before, QTextCharFormat())
            cursor.insertText(shown.text, self._format(word, shown))
        self._fit()

    def _format(self, word: AnswerWord, shown: ShownWord) -> QTextCharFormat:
        chosen, style = colours(), QTextCharFormat()
        if shown.bold or shown.heading:
            style.setFontWeight(QFont.Weight.Bold)
        if shown.heading:
            style.setFontPointSize(1.15 * self.font().pointSizeF())
        style.setFontItalic(shown.italic)
        if shown.code:
            style.setFontFamilies([QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
        style.setForeground(QColor(chosen.text))
        if word.weakly_grounded and self._looking:
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
            style.setUnderlineColor(QColor(chosen.weak))
        if word.index in self._marked:
            style.setBackground(QColor(chosen.mark))
        if self._weights is not None and word.index < len(self._weights):
            wash = QColor(chosen.accent)
            wash.setAlphaF(0.45 * self._weights[word.index])
            style.setBackground(wash)
        if word.index == self._selected:
            style.setBackground(QColor(chosen.accent))
            style.setForeground(QColor(chosen.on_accent))
        return style

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            word = self.word_under(event.pos())
            if word is not None:
                tip = describe_word(self._words[word]) if self._looking else PLAIN_TIP
                QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().viewportEvent(event)


def describe_word(word: AnswerWord) -> str:
    """A word's numbers."""
    text = f"Probability {word.probability:.0%}; {word.image_mass:.0%} of the attention is on the photo"
    if not word.weakly_grounded:
        return text
    return f"Weakly grounded. {text}, the rest on the question; {word.typical_mass:.0%} at this answer's middle word"
