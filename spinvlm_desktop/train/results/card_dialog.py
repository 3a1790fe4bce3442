"""A run's model card, as it is written in the run's folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from core.errors import reason_of
from spinvlm_desktop.models.model_card_dialog import SafeBrowser
from spinvlm_desktop.widgets.layouts import column_of


class CardDialog(QDialog):
    """To be read only."""

    def __init__(self, name: str, card: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Model card of {name}")
        self.resize(860, 640)
        self._text = SafeBrowser("Model card")
        features = QTextDocument.MarkdownFeature
        try:
            content = card.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            content = f"The card can't be read: {reason_of(error)}."
        self._text.document().setMarkdown(content, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column_of((self._text, 1), buttons, parent=self)

    def text(self) -> str:
        """What is shown, plain."""
        return self._text.toPlainText()
