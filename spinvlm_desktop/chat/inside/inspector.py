"""What *Look inside* opens below the photo: words and heads of the answer, and SPIN."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QWidget

from spinvlm_desktop.attention.attention_panel import AttentionPanel
from spinvlm_desktop.chat.inside.changed_note import ChangedNote
from spinvlm_desktop.chat.inside.spin_bar import SpinBar
from spinvlm_desktop.widgets.layouts import column_of

SIDE_BY_SIDE = 52
"""Widths of a capital letter from which SPIN stands beside the heads rather than above them."""


class Inspector(QScrollArea):
    """SPIN, the answer's words and heads, and the map in words: in two columns where there is room, so that more is left for the
    photo."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attention = AttentionPanel()
        self.spin_bar = SpinBar()
        self.changed = ChangedNote()
        self._spin = QWidget()
        column_of(self.spin_bar, self.changed, parent=self._spin, margins=(0, 2, 0, 2), spacing=6)
        content = QWidget()
        self._parts = QGridLayout(content)
        self._parts.setContentsMargins(0, 0, 4, 0)
        self._parts.setVerticalSpacing(8)
        self._wide: bool | None = None
        self._arrange()
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
        if wide == self._wide:
            return
        self._wide = wide
        top = Qt.AlignmentFlag.AlignTop
        if wide:
            self._parts.addWidget(self.attention, 0, 0, 3, 1)
            self._parts.addWidget(self._spin, 0, 1)
            self._parts.addWidget(self.attention.map, 1, 1, top)
        else:
            self._parts.addWidget(self._spin, 0, 0)
            self._parts.addWidget(self.attention, 1, 0)
            self._parts.addWidget(self.attention.map, 2, 0, top)
        self._parts.setRowStretch(2, 1)
        self._parts.setColumnStretch(0, 1)
        self._parts.setColumnStretch(1, 1 if wide else 0)
        self._parts.setHorizontalSpacing(24 if wide else 0)
