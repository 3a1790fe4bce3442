"""Questions that fit the photo, to be asked with a click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from spinvlm_desktop.widgets.buttons.question_button import QuestionButton
from spinvlm_desktop.widgets.flow_layout import FlowLayout


class SuggestedQuestions(QWidget):
    """A row of buttons that wraps; hidden while there is nothing to suggest."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Questions to ask next")
        self._questions: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 6)
        buttons = QWidget()
        self._row = FlowLayout(buttons)
        column.addWidget(buttons)
        self.hide()

    def show_questions(self, questions: Sequence[str]) -> None:
        """These in place of those before; the same ones stay as they are."""
        if tuple(questions) == self._questions:
            return
        self._questions = tuple(questions)
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for text in questions:
            button = QuestionButton(text, "Ask this")
            button.setProperty("suggestion", True)
            button.clicked.connect(lambda _checked=False, text=text: self.chosen.emit(text))
            self._row.addWidget(button)
        self.setVisible(bool(questions))
