"""What there was of an answer that failed, and why it did."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from spinvlm_desktop.widgets.controls import flat_button
from spinvlm_desktop.widgets.labels import selectable_label
from spinvlm_desktop.widgets.layouts import column_of

DETAILS_HEIGHT = 160


class FailedNote(QWidget):
    """One sentence; the details, if any, are folded away."""

    def __init__(self, sentence: str, *, details: str, partial: str) -> None:
        """partial: what there was of the answer."""
        super().__init__()
        column = column_of(parent=self, margins=(), spacing=2)
        if partial:
            column.addWidget(selectable_label(f"{partial} …"))
        error = selectable_label(sentence)
        error.setProperty("error", True)
        column.addWidget(error)
        if details:
            shown = QPlainTextEdit(details)
            shown.setReadOnly(True)
            shown.setMaximumHeight(DETAILS_HEIGHT)
            shown.hide()
            column.addWidget(flat_button("Details", "Show what went wrong", lambda: shown.setVisible(shown.isHidden())))
            column.addWidget(shown)
