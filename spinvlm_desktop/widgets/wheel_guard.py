"""Keeps the wheel from changing a list or a number that it only scrolls past."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QWidget


class WheelGuard(QObject):
    """Watches all lists and numbers that are in a widget now."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        for kind in (QComboBox, QAbstractSpinBox):
            for widget in page.findChildren(kind):
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        parent = watched.parentWidget()
        if parent is not None:  # pyright: ignore[reportUnnecessaryComparison]  # the page scrolls instead
            QApplication.sendEvent(parent, event)
        return True
