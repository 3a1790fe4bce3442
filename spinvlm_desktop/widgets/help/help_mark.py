"""A question mark that leads to the place of the glossary where something is explained."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QToolButton, QWidget

from spinvlm_desktop.widgets.buttons.hover_button import HoverButton
from spinvlm_desktop.widgets.drawn_icon import question_mark
from spinvlm_desktop.widgets.layouts import row_of

_TYPE = QEvent.Type(QEvent.registerEventType())


class HelpWanted(QEvent):
    """Sent to the window that a question mark is in."""

    def __init__(self, topic: str) -> None:
        super().__init__(_TYPE)
        self.topic = topic
        """A heading of the glossary."""


def want_help(widget: QWidget, topic: str) -> None:
    """Tell the window that a widget is in."""
    QCoreApplication.sendEvent(widget.window(), HelpWanted(topic))


def name_of_help(topic: str) -> str:
    """What screen readers call what leads there."""
    return f"Explain: {topic}"


class HelpMark(QToolButton):
    """Small and flat, beside what it explains."""

    def __init__(self, topic: str, parent: QWidget | None = None) -> None:
        """topic: a heading of the glossary."""
        super().__init__(parent)
        self.setText("?")
        self.setProperty("flat", True)
        self.setAccessibleName(name_of_help(topic))
        self.setToolTip(f"What this is: {topic}")
        self.clicked.connect(lambda _checked=False: want_help(self, topic))


class HoverHelpMark(HoverButton):
    """Seen only under the pointer and with the focus, where there are many."""

    def __init__(self, topic: str) -> None:
        super().__init__(question_mark, name_of_help(topic), lambda: want_help(self, topic))


def explained_label(label: QWidget, topic: str) -> QWidget:
    """A label with a way to its place in the glossary, which is seen under the pointer."""
    line = QWidget()
    row_of((label, 1), HoverHelpMark(topic), parent=line, margins=(), spacing=2)
    return line
