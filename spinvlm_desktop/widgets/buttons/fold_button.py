"""A button that unfolds what only some want to read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget


class FoldButton(QToolButton):
    """What it folds is hidden until it is pressed."""

    def __init__(self, text: str, tip: str, folded: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setArrowType(Qt.ArrowType.RightArrow)
        self.setCheckable(True)
        self.setProperty("flat", True)
        self._folded = folded
        folded.hide()
        self.toggled.connect(self._on_toggled)

    def _on_toggled(self, shown: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self._folded.setVisible(shown)
