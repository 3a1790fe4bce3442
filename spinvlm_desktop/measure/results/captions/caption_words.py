"""A caption whose words can be chosen, by the mouse or with the arrow keys; those that are invented are marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QApplication, QWidget

from spinvlm_desktop.measure.results.captions.caption_list import in_words, invented_format
from spinvlm_desktop.widgets.theme import colours
from spinvlm_desktop.widgets.word_text import WordText
from training.evaluation.judged_captions import JudgedCaption

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


class CaptionWords(WordText):
    """Bold and underlined is what nobody saw in the photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: JudgedCaption | None = None
        self._words: list[Word] = []
        self.setAccessibleName("Caption; left and right choose a word, whose map is then shown")
        self.setToolTip("Click a word to see where the model looked for it; bold with a wavy line: nobody saw that in the photo")

    def show_caption(self, item: JudgedCaption | None) -> None:
        """None shows nothing."""
        self._item = item
        self._words = [] if item is None else words_of(item.caption)
        self._spans = [(word.start, word.end) for word in self._words]
        self._selected = None
        self.setAccessibleDescription("" if item is None else in_words(item))
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
            if self._selected is not None and self._selected < len(self._words):
                word, style = self._words[self._selected], QTextCharFormat()
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
        super()._fit()
