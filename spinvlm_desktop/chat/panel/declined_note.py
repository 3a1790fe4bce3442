"""The sentence that is said instead of an answer, and what can be asked instead."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from core.answers import Declining
from spinvlm_desktop.widgets.buttons.question_button import QuestionButton
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.labels import selectable_label
from spinvlm_desktop.widgets.layouts import column_of

ANSWERABLE_ALL_THE_SAME = frozenset({
    "text", "identity", "breed", "age", "time", "place_name", "why", "advice", "comparison", "quantity", "unseen", "statement",
    "task",
})
"""Kinds of declined questions to which the model may say something."""


class DeclinedNote(QWidget):
    """Without words of an answer, and so without a map."""

    suggestion_chosen = Signal(str)

    def __init__(self, declined: Declining) -> None:
        super().__init__()
        sentence = selectable_label(declined.sentence)
        sentence.setProperty("declined", True)
        instead = QWidget()
        row = FlowLayout(instead)
        for suggestion in declined.suggestions:
            button = QuestionButton(suggestion, "Ask this instead")
            button.setAccessibleName(f"Ask instead: {suggestion}")
            button.clicked.connect(lambda _checked=False, text=suggestion: self.suggestion_chosen.emit(text))
            row.addWidget(button)
        column_of(sentence, instead, parent=self, margins=(), spacing=2)
