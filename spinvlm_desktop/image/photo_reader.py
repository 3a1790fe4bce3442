"""Reads a photo while the window goes on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image, photo_name
from spinvlm_desktop.system.background import Background

SLOW_MS = 150
"""Milliseconds after which the user sees that a photo is being read."""


class PhotoReader(QObject):
    """One photo at a time: a later one takes the place of one that is still being read."""

    slow = Signal(str)
    """Name of the photo that is being read; not emitted where that is done in a moment."""
    ended = Signal(int, bool)
    """Number of the reading, and False where its photo isn't shown; after `done` or `refused` was called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._name: str | None = None
        self._number = 0
        self._slow = QTimer(self, interval=SLOW_MS, singleShot=True)
        self._slow.timeout.connect(lambda: self.slow.emit(self._name))

    def read(
        self, source: Source, done: Callable[[OpenedImage], None], refused: Callable[[str], None], *, name: str = ""
    ) -> None:
        """name: what the photo is called meanwhile, where that isn't the file's name. refused: is given a sentence."""
        self._stop()
        self._number += 1
        number = self._number

        def on_done(opened: OpenedImage) -> None:
            self._stop()
            done(opened)
            self.ended.emit(number, True)

        def on_refused(sentence: str) -> None:
            self._stop()
            refused(sentence)
            self.ended.emit(number, False)

        self._name = name or photo_name(source)
        self._slow.start()
        self._background.do(lambda: open_image(source), on_done, on_refused)

    def reading(self) -> int | None:
        """Number of the reading that is under way."""
        return None if self._name is None else self._number

    def give_up(self) -> None:
        """The photo on show is wanted after all."""
        self._stop()
        self.ended.emit(self._number, False)

    def _stop(self) -> None:
        self._background.forget()
        self._slow.stop()
        self._name = None
