"""Text whose words can be clicked, or stepped through with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

from spinvlm_desktop.widgets.theme import colours

FOCUS_LINE = 1.5
"""Pixels, within the room that the text leaves at its sides."""


class WordText(QTextEdit):
    """Plain text as high as its lines: nothing that a model writes is taken for markup. A subclass writes it."""

    word_clicked = Signal(int)
    """Place among the words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selected: int | None = None
        self._spans: Sequence[tuple[int, int]] = ()
        """Where in the text each word begins and ends."""
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

    def select_word(self, index: int | None) -> None:
        """Highlight the word in this place, without a signal."""
        self._selected = index
        self._render()

    def word_at(self, position: int) -> int | None:
        """Place of the word at a character of the text."""
        return next((index for index, (start, end) in enumerate(self._spans) if start <= position <= end), None)

    def word_under(self, point: QPoint) -> int | None:
        """Place of the word at a point of the widget."""
        return self.word_at(self.cursorForPosition(point).position())

    def _render(self) -> None:
        """Write the text as it is now, in the theme's colours, and `_fit`."""
        raise NotImplementedError

    def _fit(self) -> None:
        self.document().setTextWidth(max(40, self.viewport().width()))
        self.setFixedHeight(int(self.document().size().height()) + 4)

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        if self.hasFocus():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(colours().link), FOCUS_LINE))
            half = FOCUS_LINE / 2
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(half, half, -half, -half), 4, 4)

    def resizeEvent(self, e: QResizeEvent) -> None:
        super().resizeEvent(e)
        self._fit()

    def changeEvent(self, e: QEvent) -> None:
        super().changeEvent(e)
        if e.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self.document().characterCount() > 1:
            self._render()

    def mouseReleaseEvent(self, e: QMouseEvent) -> None:
        super().mouseReleaseEvent(e)
        word = self.word_under(e.position().toPoint())
        if word is not None and not self.textCursor().hasSelection():
            self.word_clicked.emit(word)

    def keyPressEvent(self, e: QKeyEvent) -> None:
        steps, last = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}, len(self._spans) - 1
        if e.key() in steps and self._spans and not e.modifiers():
            before = (-1 if e.key() == Qt.Key.Key_Right else last + 1) if self._selected is None else self._selected
            self.word_clicked.emit(min(last, max(0, before + steps[Qt.Key(e.key())])))
        else:
            super().keyPressEvent(e)
