"""A sentence that says why a photo can't be opened."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from spinvlm_desktop.widgets.controls import tool_button
from spinvlm_desktop.widgets.labels import plain_tip, sentence_label, shortened

LONGEST_NAME = 90
LONG_NAME = re.compile(rf"\S{{{LONGEST_NAME},}}")


class ErrorBar(QWidget):
    """Hidden while nothing is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = sentence_label("What is wrong with the photo")
        self._sentence.setProperty("error", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._sentence, 1)
        dismiss = tool_button("Dismiss", "Dismiss this message", self.hide)
        row.addWidget(dismiss, 0, Qt.AlignmentFlag.AlignTop)
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
