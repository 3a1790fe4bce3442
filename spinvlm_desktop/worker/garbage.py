"""Python's cycle collector, kept in the window's thread.

Left alone it runs in whichever thread allocates, and a widget that is collected in the model's thread crashes Qt.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 500
"""Milliseconds."""


class WindowThreadGarbage(QObject):
    """While it is at work, cycles are collected by a timer of the thread that made it, as often as Python would."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_enabled, self._has_settled = gc.isenabled(), False
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self._on_time)
        self._timer.start()

    def settle(self) -> None:
        """Once a model is loaded: collect everything, and leave what is in use alone from then on.

        To look over the libraries' half a million objects takes a fifth of a second. What was in use before and is no
        longer, as a model that another one has replaced, is looked at again; what was frozen before all loads is not.
        """
        if self._has_settled:
            gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._has_settled = True

    def end(self) -> None:
        """Leave it to Python again; call it when no other thread runs Python code any more."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def _on_time(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
