"""Finds photos that look alike, one photo at a time beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.images.image_input import load_image
from spinvlm_desktop.captioning.order.likeness import SIDE, difference_hash
from spinvlm_desktop.system.background import Background


class LookScan(QObject):
    """In the folder's order, so that shots of one scene are found together. Photos that can't be read are passed over."""

    found = Signal(str, object)
    """Name of a photo, and its difference hash"""

    def __init__(self, folder: Path, names: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._names = folder, iter(names)
        self._background = Background(self)

    def begin(self) -> None:
        name = next(self._names, None)
        if name is not None:
            path = self._folder / name
            self._background.do(
                lambda: difference_hash(load_image(path, at_least=SIDE * SIDE)), lambda look: self._on_hashed(name, look),
                lambda _sentence: self.begin(),
            )

    def close(self) -> None:
        self._background.forget()

    def _on_hashed(self, name: str, look: int) -> None:
        self.found.emit(name, look)
        self.begin()
