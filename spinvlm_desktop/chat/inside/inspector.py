"""What *Look inside* opens below the photo: words and heads of the answer, and SPIN."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QWidget

from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.chat.inside.changed_note import ChangedNote
from spinvlm_desktop.chat.inside.spin_bar import SpinBar
from spinvlm_desktop.widgets.layouts import column_of

SIDE_BY_SIDE = 52
"""Widths of a capital letter from which SPIN stands beside the heads rather than above them."""


class Inspector(QScrollArea):
    """SPIN above the answer's words and heads, beside them where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attention = AttentionPanel()
        self.spin_bar = SpinBar()
        self.changed = ChangedNote()
        settings = QWidget()
        column_of(self.spin_bar, self.changed, 1, parent=settings, margins=(2, 2, 2, 2), spacing=6)
        content = QWidget()
        self._parts = column_of((settings, 2), (self.attention, 3), parent=content, margins=(0, 0, 4, 0), spacing=8)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumHeight(120)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        wide = self.viewport().width() >= SIDE_BY_SIDE * self.fontMetrics().horizontalAdvance("M")
        direction = QBoxLayout.Direction.RightToLeft if wide else QBoxLayout.Direction.TopToBottom
        if direction != self._parts.direction():
            self._parts.setDirection(direction)
            self._parts.setStretch(0, 2 if wide else 0)
            self._parts.setStretch(1, 3 if wide else 1)
            self._parts.setSpacing(24 if wide else 8)
