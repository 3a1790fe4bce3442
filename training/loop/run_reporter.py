"""What a run says while it works, and how it hears that it is to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from training.batches.image_store import Progress
from training.machine.distributed import ProcessGroup
from training.run.events import EventLog

SECONDS_BETWEEN = 1.0
"""Two events of one preparation."""


class StopAskedError(BaseException):  # no library below takes it for an error of its own
    """A request to stop that came while there was nothing to train yet, or no longer."""


class RunReporter:
    """Writes the events of the process that leads; the others' go nowhere."""

    def __init__(self, events: EventLog | None, group: ProcessGroup, *, should_stop: Callable[[], bool]) -> None:
        self._events, self._group = events, group
        self.should_stop = should_stop

    def report(self, name: str, **values: Any) -> None:
        if self._events:
            self._events.write(name, **values)

    def notice(self, text: str) -> None:
        """A sentence for the user."""
        self.report("notice", text=text)

    def progress(self, what: str) -> Progress:
        """Takes how far a preparation is. Raises StopAskedError where the run is to stop."""
        last = time.monotonic()

        def take(done: int, total: int) -> None:
            nonlocal last
            if self._group.leads and self.should_stop():
                raise StopAskedError
            if done in (0, total) or time.monotonic() - last > SECONDS_BETWEEN:
                last = time.monotonic()
                self.report("preparing", what=what, done=done, total=total)

        return take
