"""A line that says that the answer on show was made under other settings of SPIN, and asks again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from spinvlm_desktop.widgets.labels import sentence_label


class ChangedNote(QWidget):
    """Hidden until the settings were changed after an answer."""

    ask_again_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        text = sentence_label("What changed")
        text.setText("The answer on show was made without this change.")
        self.button = QPushButton("Ask again")
        self.button.setToolTip("Ask the same question with the settings above; the answer before stays")
        self.button.setAccessibleName("Ask again with these settings of SPIN")
        self.button.clicked.connect(lambda _checked=False: self.ask_again_requested.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(text, 1)
        row.addWidget(self.button)
        self.hide()
