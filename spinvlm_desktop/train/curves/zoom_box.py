"""The area of a plot: a drag looks closer, and the wheel scrolls the page."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt


class ZoomBox(pg.ViewBox):  # type: ignore[misc]
    """As pyqtgraph's, but the wheel zooms only with Ctrl, and a double click shows all."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseMode(pg.ViewBox.RectMode)

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(ev, axis)
        else:
            ev.ignore()

    def mouseDoubleClickEvent(self, event: Any) -> None:
        self.enableAutoRange()
        event.accept()
