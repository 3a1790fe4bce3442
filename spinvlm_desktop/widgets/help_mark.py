"""A question mark that leads to the place of the glossary where something is explained."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QToolButton, QWidget

_TYPE = QEvent.Type(QEvent.registerEventType())


class HelpWanted(QEvent):
    """Sent to the window that a question mark is in."""

    def __init__(self, topic: str) -> None:
        super().__init__(_TYPE)
        self.topic = topic
        """A heading of the glossary."""


class HelpMark(QToolButton):
    """Small and flat, beside what it explains."""

    def __init__(self, topic: str, parent: QWidget | None = None) -> None:
        """topic: a heading of the glossary."""
        super().__init__(parent)
        self.setText("?")
        self.setProperty("flat", True)
        self.setAccessibleName(f"Explain: {topic}")
        self.setToolTip(f"What this is: {topic}")
        self.clicked.connect(lambda _checked=False: QCoreApplication.sendEvent(self.window(), HelpWanted(topic)))
