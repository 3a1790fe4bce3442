"""A caption whose words can be chosen, by the mouse or with the arrow keys; those that are invented are marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QResizeEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QTextEdit, QWidget

from spinvlm_desktop.measure.results.caption_list import in_words, invented_format
from spinvlm_desktop.widgets.theme import colours
from training.evaluation.report_schema import JudgedCaption

LETTERS = 1.25
"""Size against the window's letters."""


@dataclass(frozen=True)
class Word:
    """A word by place: a repeated word is two words."""

    index: int
    start: int
    end: int
    text: str


def words_of(caption: str) -> list[Word]:
    """What stands between spaces, as the words of an answer are counted."""
    return [Word(number, *match.span(), match.group()) for number, match in enumerate(re.finditer(r"\S+", caption))]


class CaptionWords(QTextEdit):
    """Plain text: nothing that a model writes is taken for markup."""

    word_chosen = Signal(int)
    """Place among the words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: JudgedCaption | None = None
        self._words: list[Word] = []
        self._chosen: int | None = None
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
        self.setAccessibleName("Caption; left and right choose a word, whose map is then shown")
        self.setToolTip("Click a word to see where the model looked for it; bold with a wavy line: nobody saw that in the photo")

    def show_caption(self, item: JudgedCaption | None) -> None:
        """None shows nothing."""
        self._item = item
        self._words = [] if item is None else words_of(item.caption)
        self._chosen = None
        self.setAccessibleDescription("" if item is None else in_words(item))
        self._render()

    def choose(self, word: int | None) -> None:
        """Mark a word without telling of it."""
        self._chosen = word
        self._render()

    def first_invented(self) -> int | None:
        """Place of the first word that is invented."""
        if self._item is None or not self._item.invented:
            return None
        start = min(part.start for part in self._item.invented)
        return next((word.index for word in self._words if word.start <= start < word.end), None)

    def _render(self) -> None:
        self.document().clear()
        if self._item is not None:
            plain = QTextCharFormat()
            plain.setForeground(QColor(colours().text))
            cursor = QTextCursor(self.document())
            cursor.insertText(self._item.caption, plain)
            for part in self._item.invented:
                self._format(part.start, part.end, invented_format())
            if self._chosen is not None and self._chosen < len(self._words):
                word, style = self._words[self._chosen], QTextCharFormat()
                style.setBackground(QColor(colours().accent))
                style.setForeground(QColor(colours().on_accent))
                self._format(word.start, word.end, style)
        self._fit()

    def _format(self, start: int, end: int, style: QTextCharFormat) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(min(end, self.document().characterCount() - 1), QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(style)

    def _fit(self) -> None:
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * LETTERS)
        self.document().setDefaultFont(font)
        self.document().setTextWidth(max(40, self.viewport().width()))
        self.setFixedHeight(int(self.document().size().height()) + 4)

    def resizeEvent(self, e: QResizeEvent) -> None:
        super().resizeEvent(e)
        self._fit()

    def changeEvent(self, e: QEvent) -> None:
        super().changeEvent(e)
        if e.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_item"):
            self._render()

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        place = self.cursorForPosition(e.position().toPoint()).position()
        word = next((word for word in self._words if word.start <= place <= word.end), None)
        if word is not None and not self.textCursor().hasSelection():
            self.word_chosen.emit(word.index)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if e.key() in steps and self._words and not e.modifiers():
            start = (-1 if e.key() == Qt.Key.Key_Right else len(self._words)) if self._chosen is None else self._chosen
            self.word_chosen.emit(min(len(self._words) - 1, max(0, start + steps[Qt.Key(e.key())])))
        else:
            super().keyPressEvent(e)
