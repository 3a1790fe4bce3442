"""Thumbs up and down beside an answer, and a field for what would be right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from spinvlm_desktop.widgets.buttons.hover_button import HoverButton
from spinvlm_desktop.widgets.drawn_icon import thumb_down, thumb_up

PLACEHOLDER = "Right answer, then Enter"


class AnswerJudging(QLineEdit):
    """The field, seen below an answer that is called wrong. `up` and `down` are to be put beside the answer."""

    judged = Signal(object, str)
    """Whether the answer is right, None where that is taken back; and what would be right, empty where that isn't said."""

    def __init__(self) -> None:
        super().__init__()
        self.up = HoverButton(thumb_up, "This answer is right", self._on_up)
        self.down = HoverButton(thumb_down, "This answer is wrong", self._on_down)
        for button in (self.up, self.down):
            button.setCheckable(True)
        self.setPlaceholderText(PLACEHOLDER)
        self.setAccessibleName("The right answer")
        self.setToolTip("It is kept on this computer, with the photo: Chat, Corrections shows all of them")
        self.editingFinished.connect(self._on_edited)
        self._kept = ""
        self.withdraw()

    def withdraw(self) -> None:
        """There is nothing to be judged."""
        for widget in (self.up, self.down, self):
            widget.hide()

    def offer(self, was_right: bool | None, right_answer: str = "") -> None:
        """Show what was said of the answer so far; None: nothing."""
        self._kept = right_answer
        self.setText(right_answer)
        self.up.setChecked(was_right is True)
        self.down.setChecked(was_right is False)
        self.up.show()
        self.down.show()
        self.setVisible(was_right is False)

    def _on_up(self) -> None:
        right = self.up.isChecked()
        self.offer(True if right else None)
        self.judged.emit(True if right else None, "")

    def _on_down(self) -> None:
        wrong = self.down.isChecked()
        self.offer(False if wrong else None)
        self.judged.emit(False if wrong else None, "")
        if wrong:
            self.setFocus()

    def _on_edited(self) -> None:
        text = " ".join(self.text().split())
        if self.down.isChecked() and text != self._kept:
            self._kept = text
            self.judged.emit(False, text)
