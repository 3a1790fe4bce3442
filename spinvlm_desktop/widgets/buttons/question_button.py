"""A button with a question on it, which is shortened where there is no room for all of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter, QWidget

LEAST_WIDTH = 80


class QuestionButton(QPushButton):
    """Its question may be a user's own, of any length."""

    def __init__(self, question: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(question, parent)
        self.setToolTip(f"{tip}: {question}")
        self.setMinimumWidth(LEAST_WIDTH)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self).width()
        if self.fontMetrics().horizontalAdvance(self.text()) > room:
            option.text = self.fontMetrics().elidedText(  # pyright: ignore[reportAttributeAccessIssue]
                self.text(), Qt.TextElideMode.ElideRight, room
            )
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)
