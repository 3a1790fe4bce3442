"""What the process that trains a run is asked to do, as files in the run's folder. Torch-free.

A request holds the name of the start that it is for, so that the process hears it however early it came, and no later start
does. An empty one, from whoever doesn't know the start's name, is for the process that trains at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.errors import TrainingError, reason_of
from core.files.atomic_file import write_text

Request = Literal["stop", "finish_stage"]
"""To write a checkpoint and end; to end the stage under way as if it were done. Also the names of the files."""
REQUESTS: tuple[Request, ...] = ("stop", "finish_stage")


@dataclass(frozen=True)
class RunRequests:
    """The requests to one start of a run."""

    folder: Path
    start: str
    """The start's name; empty where it isn't known."""

    def ask(self, request: Request) -> None:
        """Raises TrainingError where the folder can't be written."""
        try:
            write_text(self.folder / request, self.start)
        except OSError as error:
            raise TrainingError(f"The run folder {self.folder} can't be written: {reason_of(error)}.") from error

    def is_asked(self, request: Request) -> bool:
        """Whether this start, or whichever trains, is asked for it."""
        return self._addressee(request) in ("", self.start)

    def done(self, request: Request) -> None:
        """Forget a request that was met."""
        if self.is_asked(request):
            self._remove(request)

    def left_over(self) -> Mapping[Request, str]:
        """Requests that are there before this start has the run to itself, and so are another one's, by addressee."""
        found: dict[Request, str] = {}
        for request in REQUESTS:
            start = self._addressee(request)
            if start is not None and (start != self.start or not start):
                found[request] = start
        return found

    def drop(self, left_over: Mapping[Request, str]) -> None:
        """Forget these, but for one that was asked for again meanwhile. Call it while holding the run's lock."""
        for request, start in left_over.items():
            if self._addressee(request) == start:
                self._remove(request)

    def _remove(self, request: Request) -> None:
        with suppress(OSError):
            (self.folder / request).unlink(missing_ok=True)

    def _addressee(self, request: Request) -> str | None:
        try:
            return (self.folder / request).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None
