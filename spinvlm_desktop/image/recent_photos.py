"""The photos opened before, to be chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

MOST_RECENT = 10


class RecentPhotos(QMenu):
    """Newest first."""

    chosen = Signal(object)
    """Path"""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._photos: list[Path] = []

    def set_photos(self, photos: Sequence[Path]) -> None:
        """Those that are gone are left out."""
        self._photos = [path for path in photos if path.is_file()][:MOST_RECENT]
        self.clear()
        for path in self._photos:
            self.addAction(path.name.replace("&", "&&")).triggered.connect(
                lambda _checked=False, path=path: self.chosen.emit(path)
            )
        if not self._photos:
            self.addAction("No photos yet").setEnabled(False)

    def add(self, path: Path) -> None:
        """One that was opened now."""
        self.set_photos([path, *(old for old in self._photos if old != path)])

    def photos(self) -> list[Path]:
        """Those that are still there."""
        return list(self._photos)
