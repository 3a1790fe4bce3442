"""The field in which a question is written."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

PLACEHOLDER = "Ask about the photo"
MOST_LINES = 5
"""Of the field before it scrolls."""


class QuestionField(QPlainTextEdit):
    """Enter sends, Shift+Enter breaks the line, Up in an empty field brings the last question back."""

    sent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._last = ""
        self.take_elsewhere: Callable[[QMimeData], bool] = lambda _: False
        """Is given what is pasted or dropped here first; True where it is something else than text, and was taken."""
        self.setTabChangesFocus(True)
        self.setPlaceholderText(PLACEHOLDER)
        self.setToolTip("Enter sends, Shift+Enter breaks the line, Up in an empty field brings the last question back")
        self.setAccessibleName("Question")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def _fit(self) -> None:
        lines = min(MOST_LINES, max(1, round(self.document().size().height())))  # a plain-text document measures in lines
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + 24)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def put(self, text: str) -> None:
        """Write this instead, for the user to continue."""
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not self.take_elsewhere(source):
            super().insertFromMimeData(source)

    def send(self) -> None:
        """Send what is written, if anything."""
        text = self.toPlainText().strip()
        if text:
            self._last = text
            self.clear()
            self.sent.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.send()
        elif event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.setPlainText(self._last)
            self.selectAll()
        else:
            super().keyPressEvent(event)
