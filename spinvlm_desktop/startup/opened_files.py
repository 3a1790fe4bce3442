"""Photos that the system asks the program to open: on macOS the Finder sends them as events, and not as arguments."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent


class OpenedFiles(QObject):
    """Watches an application for such events, which come once its event loop runs."""

    photos_opened = Signal(object)
    """list[Path]"""

    def __init__(self, application: QObject) -> None:
        super().__init__(application)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.photos_opened.emit([Path(event.file())])
            return True
        return super().eventFilter(watched, event)
