"""Thumbnails of many photos, read beside the window as they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from spinvlm_desktop.image.thumbnail import read_small
from spinvlm_desktop.system.background import Background

MOST_KEPT = 1500
"""Thumbnails of some 40 KB each."""
MOST_WAITING = 60
"""About a screen full; what was scrolled past is asked for again when it comes back into sight."""
AT_ONCE = 2


class PhotoThumbnails(QObject):
    """The latest that was asked for is read first."""

    read = Signal(object)
    """Path"""

    def __init__(self, side: int, parent: QObject | None = None) -> None:
        """side: pixels of the longest side."""
        super().__init__(parent)
        self._side = side
        self._kept: OrderedDict[Path, QPixmap] = OrderedDict()
        self._waiting: OrderedDict[Path, float] = OrderedDict()
        """With the screen's pixel ratio."""
        self._reading: set[Path] = set()
        self._background = Background(self)

    def get(self, photo: Path, *, ratio: float) -> QPixmap | None:
        """None while it is read, and of what is no photo an empty one."""
        if photo in self._kept:
            self._kept.move_to_end(photo)
            return self._kept[photo]
        if photo not in self._reading:
            self._waiting[photo] = ratio
            self._waiting.move_to_end(photo)
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
            self._read_next()
        return None

    def forget(self) -> None:
        """Of other photos than are shown from now on."""
        self._background.forget()
        self._waiting.clear()
        self._reading.clear()
        self._kept.clear()

    def _read_next(self) -> None:
        while self._waiting and len(self._reading) < AT_ONCE:
            photo, ratio = self._waiting.popitem()
            self._reading.add(photo)
            self._background.do(
                lambda photo=photo, ratio=ratio: read_small(photo, self._side, ratio=ratio),
                lambda image, photo=photo: self._on_read(photo, image),
                lambda _sentence, photo=photo: self._on_read(photo, QImage()),
            )

    def _on_read(self, photo: Path, image: QImage) -> None:
        self._reading.discard(photo)
        self._kept[photo] = QPixmap.fromImage(image)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        self.read.emit(photo)
        self._read_next()
