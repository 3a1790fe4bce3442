"""What was changed, so that it can be undone and done again."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord

MOST_CHANGES = 1000


@dataclass(frozen=True)
class Change:
    """One step of the user's, which may concern several photos that look alike."""

    photo: str
    """The one that was on show."""
    before: Mapping[str, PhotoRecord]
    after: Mapping[str, PhotoRecord]


class ChangeHistory:
    """The latest step is undone first; a new one ends what could be done again."""

    def __init__(self) -> None:
        self._done: deque[Change] = deque(maxlen=MOST_CHANGES)
        self._undone: deque[Change] = deque(maxlen=MOST_CHANGES)

    def add(self, change: Change) -> None:
        self._done.append(change)
        self._undone.clear()

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def undo(self) -> Change | None:
        """The step whose `before` holds now."""
        return self._move(self._done, self._undone)

    def redo(self) -> Change | None:
        """The step whose `after` holds again."""
        return self._move(self._undone, self._done)

    @staticmethod
    def _move(source: deque[Change], target: deque[Change]) -> Change | None:
        if not source:
            return None
        target.append(source.pop())
        return target[-1]
