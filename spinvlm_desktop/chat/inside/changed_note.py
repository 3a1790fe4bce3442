"""A line that says that the answer on show was made under other settings of SPIN, and asks again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.controls import push_button
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.layouts import row_of


class ChangedNote(QWidget):
    """Hidden until the settings were changed after an answer."""

    ask_again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text = sentence_label("What changed", "The answer on show was made without this change.")
        tip = "Ask the same question with the settings above; the answer before stays"
        self.button = push_button("Ask again", tip, self.ask_again_requested.emit)
        self.button.setAccessibleName("Ask again with these settings of SPIN")
        row_of((text, 1), self.button, parent=self, margins=())
        self.hide()
