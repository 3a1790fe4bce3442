"""An answer whose words can be clicked, stepped through, coloured and marked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QToolTip, QWidget

from core.answers import AnswerToken
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words
from spinvlm_desktop.widgets.theme import colours

PLAIN_TIP = "Click to see where the model looked for this word"


class AnswerText(QTextEdit):
    """Plain text, set word by word: nothing that a model writes is taken for markup."""

    word_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: list[AnswerToken] = []
        self._words: list[AnswerWord] = []
        self._selected: int | None = None
        self._weights: Sequence[float] | None = None
        self._marked: frozenset[int] = frozenset()
        self._looking = True
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextEdit, QTextEdit:focus { background: transparent; border: none; padding: 0; }")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.document().setDocumentMargin(2)
        self.setAccessibleName("Answer; left and right step through its words")

    # -- content

    def set_tokens(self, tokens: Sequence[AnswerToken]) -> None:
        """Show these tokens' words."""
        self._tokens = list(tokens)
        self._words = answer_words(self._tokens)
        self._render()

    def append_tokens(self, tokens: Sequence[AnswerToken]) -> None:
        self.set_tokens([*self._tokens, *tokens])

    @property
    def words(self) -> list[AnswerWord]:
        return self._words

    def select_word(self, index: int | None) -> None:
        """Highlight the word in this place."""
        self._selected = index
        self._render()

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
        self.document().clear()
        cursor = QTextCursor(self.document())
        for word in self._words:
            if word.index:
                cursor.insertText(" ", QTextCharFormat())
            cursor.insertText(word.text, self._format(word))
        self._fit()

    def _format(self, word: AnswerWord) -> QTextCharFormat:
        chosen, style = colours(), QTextCharFormat()
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

    # -- size

    def _fit(self) -> None:
        self.document().setTextWidth(max(40, self.viewport().width()))
        self.setFixedHeight(int(self.document().size().height()) + 4)

    def sizeHint(self) -> QSize:
        return QSize(300, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._words:
            self._render()

    # -- words under the pointer

    def word_at(self, position: int) -> AnswerWord | None:
        """The word at a character of the text."""
        start = 0
        for word in self._words:
            end = start + len(word.text)
            if start <= position <= end:
                return word
            start = end + 1
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            word = self.word_at(self.cursorForPosition(event.position().toPoint()).position())
            if word is not None:
                self.word_clicked.emit(word.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self._words and not event.modifiers():
            start = (-1 if event.key() == Qt.Key.Key_Right else len(self._words)) if self._selected is None else self._selected
            self.word_clicked.emit(min(len(self._words) - 1, max(0, start + steps[Qt.Key(event.key())])))
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            word = self.word_at(self.cursorForPosition(event.pos()).position())
            if word is not None:
                QToolTip.showText(event.globalPos(), describe_word(word) if self._looking else PLAIN_TIP, self)
            return True
        return super().viewportEvent(event)


def describe_word(word: AnswerWord) -> str:
    """A word's numbers."""
    text = f"Probability {word.probability:.0%}; {word.image_mass:.0%} of the attention is on the photo"
    if not word.weakly_grounded:
        return text
    return f"Weakly grounded. {text}, the rest on the question; {word.typical_mass:.0%} at this answer's middle word"
