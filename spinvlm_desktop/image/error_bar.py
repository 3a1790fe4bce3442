"""A sentence that says why a photo can't be opened."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.widgets.controls import tool_button
from spinvlm_desktop.widgets.labels import plain_tip, sentence_label, shortened
from spinvlm_desktop.widgets.layouts import row_of

LONGEST_NAME = 90
LONG_NAME = re.compile(rf"\S{{{LONGEST_NAME},}}")


class ErrorBar(QWidget):
    """Hidden while nothing is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = sentence_label("What is wrong with the photo")
        self._sentence.setProperty("error", True)
        dismiss = tool_button("Dismiss", "Dismiss this message", self.hide)
        row = row_of((self._sentence, 1), dismiss, parent=self, margins=())
        row.setAlignment(dismiss, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_error(self, sentence: str) -> None:
        """Long names are cut short; the tip has them whole."""
        self._sentence.setText(LONG_NAME.sub(lambda name: shortened(name.group(), LONGEST_NAME), sentence))
        self._sentence.setToolTip(plain_tip(sentence))
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self._sentence, QAccessible.Event.Alert))

    def text(self) -> str:
        """The sentence as it is shown."""
        return self._sentence.text()
