"""What the loaded model is, was taught and can do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTabWidget, QTextBrowser, QVBoxLayout, QWidget

from core.answer_model import ModelDescription
from spinvlm_desktop.models.model_abilities import in_sentences
from spinvlm_desktop.models.model_list import card_file
from spinvlm_desktop.models.model_summary import as_html, as_text, summarise
from spinvlm_desktop.widgets.buttons.fold_button import FoldButton
from spinvlm_desktop.widgets.labels import sentence_label
from spinvlm_desktop.widgets.theme import colours

LONGEST_CARD = 1_000_000
"""Characters."""
COPIED = "Copied"
WIDTH, WITH_FIGURES = 760, (860, 640)
"""Pixels."""


class SafeBrowser(QTextBrowser):
    """Opens no link and loads no picture: what it shows came with a file from anywhere."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setOpenLinks(False)
        self.setAccessibleName(name)

    def loadResource(self, kind: int, name: QUrl | str, /) -> Any:
        return None


class ModelCardDialog(QDialog):
    """The facts in the file, and the card beside it where there is one."""

    def __init__(self, description: ModelDescription, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"About the model {description.name}")
        self._words = in_sentences(description)
        words = sentence_label("What the model can and can't")
        words.setText("\n\n".join(self._words))
        self._sections = summarise(description)
        self._summary = SafeBrowser("Facts about the model")
        self.tabs = QTabWidget()
        self.tabs.addTab(self._summary, "&Facts")
        self._card = _read_card(description.path)
        if self._card is not None:
            card = SafeBrowser("Model card")
            features = QTextDocument.MarkdownFeature
            card.document().setMarkdown(self._card, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
            self.tabs.addTab(card, "&Model card")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._copy = buttons.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        self._copy.setToolTip("Copy what is shown as text")
        self._copy.setAccessibleName("Copy what is shown as text")
        self._copy.clicked.connect(self._on_copy_wanted)
        buttons.button(QDialogButtonBox.StandardButton.Close).setToolTip("Close this window")
        buttons.rejected.connect(self.reject)
        self.tabs.currentChanged.connect(lambda _: self._copy.setText("&Copy"))
        layout = QVBoxLayout(self)
        self._figures = FoldButton("Figures", "How it was measured and trained", self.tabs)
        self._figures.toggled.connect(self._on_figures)
        layout.addWidget(words)
        layout.addWidget(self._figures, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.tabs, 1)
        layout.addStretch(0)
        layout.addWidget(buttons)
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))
        self._show_summary()

    def show_figures(self) -> None:
        """Below the plain words."""
        self._figures.setChecked(True)

    def _on_figures(self, shown: bool) -> None:
        if shown:
            self.resize(QSize(*WITH_FIGURES).expandedTo(self.size()))

    def text(self) -> str:
        """What is shown: the plain words, the facts as plain text, or the card as Markdown."""
        if not self._figures.isChecked():
            return "\n".join(self._words)
        if self._card is not None and self.tabs.currentIndex() == 1:
            return self._card
        return as_text(self._sections)

    def changeEvent(self, event: QEvent, /) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_summary"):
            self._show_summary()

    def _show_summary(self) -> None:
        chosen = colours()
        self._summary.setHtml(as_html(self._sections, muted=chosen.muted, border=chosen.border))

    def _on_copy_wanted(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._copy.setText(COPIED)


def _read_card(model: Path) -> str | None:
    path = card_file(model)
    if path is None:
        return None
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(LONGEST_CARD)
    except OSError:
        return None
