"""Work that would hold the window up, done in threads beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from core.errors import SpinVlmError

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Background(QObject):
    """Results are handed over in the thread that made this object, unless the work was forgotten meanwhile."""

    _ended = Signal(int, object)
    """The number that was in force when the work was wanted, and what is to be called."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Two: work that was forgotten may still be under way, and mustn't hold the next up.
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="background")
        self._number = 0
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def do(self, work: Callable[[], Result], done: Callable[[Result], None], failed: Callable[[str], None]) -> None:
        """Do some work; `done` is called with its result, or `failed` with a sentence. The work mustn't touch widgets."""
        self._pool.submit(self._run, self._number, work, done, failed)

    def forget(self) -> None:
        """Neither begin what was wanted before nor hand over its results."""
        self._number += 1

    def _run(
        self, number: int, work: Callable[[], Result], done: Callable[[Result], None], failed: Callable[[str], None]
    ) -> None:
        if number != self._number:
            return
        try:
            result = work()
        except SpinVlmError as error:
            sentence = str(error)
            self._post(number, lambda: failed(sentence))
        except Exception as error:  # the outermost frame of this thread: whatever it is, the window must hear of it
            log.exception("work in the background failed")
            sentence = "Memory ran out." if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"
            self._post(number, lambda: failed(sentence))
        else:
            self._post(number, lambda: done(result))

    def _post(self, number: int, call: Callable[[], None]) -> None:
        # The page that wanted it may be gone.
        if number == self._number and isValid(self):
            self._ended.emit(number, call)

    def _on_ended(self, number: int, call: Callable[[], None]) -> None:
        if number == self._number:
            call()
