"""A dialog with a text to be read."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QWidget

from spinvlm_desktop.widgets.layouts import column_of


class ReadingDialog(QDialog):
    """An empty text, to be filled, above a button that closes the window."""

    def __init__(self, title: str, *, name: str, parent: QWidget | None = None) -> None:
        """name: what screen readers call the text."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.text = QTextBrowser()
        self.text.setAccessibleName(name)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this window")
        buttons.rejected.connect(self.reject)
        column_of((self.text, 1), buttons, parent=self)
