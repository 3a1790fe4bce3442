"""The switch on the photo that opens everything about attention and SPIN."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QToolButton, QWidget

from spinvlm_desktop.widgets.drawn_icon import drawn_icon, magnifier
from spinvlm_desktop.widgets.theme import colours


class LookSwitch(QToolButton):
    """Shows a checkable action; one look at it says whether it is on."""

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("pill", True)
        self.setCheckable(True)
        self.setText(" Look inside")
        self.setAccessibleName("Look inside")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setChecked(action.isChecked())
        self.clicked.connect(lambda _checked=False: action.trigger())
        action.toggled.connect(self._show_state)
        self._show_state(action.isChecked())

    def _show_state(self, on: bool) -> None:
        self.setChecked(on)
        self.setToolTip(f"{'Back to the photo alone' if on else 'Where the model looked, word by word, and SPIN'} (Ctrl+I)")
        self._draw_icon()

    def _draw_icon(self) -> None:
        side = self.fontMetrics().height()
        colour = QColor(colours().on_accent if self.isChecked() else colours().link)
        self.setIconSize(QSize(side, side))
        self.setIcon(drawn_icon(magnifier, colour, side=side, ratio=self.devicePixelRatioF()))
        self.adjustSize()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw_icon()
