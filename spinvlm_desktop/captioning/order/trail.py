"""Which photo is on show, which were before it, and which come next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spinvlm_desktop.captioning.order.photo_queue import PhotoQueue

AHEAD = 3
"""Photos that are chosen early, so that they are read and described before they are asked for."""

LOOK_BACK = 50
"""Pages within which a photo is turned back to instead of shown once more."""


class Trail:
    """One turns over photos like pages; behind the last one the queue says what comes."""

    def __init__(self, queue: PhotoQueue, *, before: Iterable[str] = ()) -> None:
        """before: photos that were done earlier, which one can turn back to."""
        self._queue = queue
        self._seen = list(before)
        self._at = len(self._seen) - 1
        self._next: list[str] = []

    @property
    def current(self) -> str | None:
        """None at the end, where nothing waits any more."""
        return self._seen[self._at] if 0 <= self._at < len(self._seen) else None

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def before(self) -> list[str]:
        """The photo that one turns back to, where there is one."""
        return self._seen[max(0, self._at - 1) : max(0, self._at)]

    def ahead(self) -> list[str]:
        """The next photos, the first one first."""
        turned = self._seen[self._at + 1 : self._at + 1 + AHEAD]
        beside = [name for name in (self.current, *turned) if name is not None]
        self._next = [name for name in self._next if name in self._queue and name not in beside]
        while len(self._next) < AHEAD and (name := self._queue.next(beside=(*beside, *self._next))) is not None:
            self._next.append(name)
        return [*turned, *self._next][:AHEAD]

    def go_on(self) -> str | None:
        """To the next photo; None where there is none."""
        if self._at < len(self._seen) - 1:
            self._at += 1
        elif ahead := self.ahead():
            self._next.remove(ahead[0])
            self._seen.append(ahead[0])
            self._at += 1
        else:
            self._at = len(self._seen)
        return self.current

    def go_back(self) -> str | None:
        """To the photo before; the first one stays."""
        self._at = max(0, self._at - 1)
        return self.current

    def go_to(self, name: str) -> str:
        """To a photo that was looked for, or of which a step is undone."""
        lately = range(max(0, self._at - LOOK_BACK), len(self._seen))
        places = (place for place in lately if self._seen[place] == name)
        near = min(places, key=lambda place: abs(place - self._at), default=None)
        if near is None:
            # What came after it stays reachable by going on.
            self._at = min(self._at + 1, len(self._seen))
            self._seen.insert(self._at, name)
        else:
            self._at = near
        return name

    def put_next(self, names: Sequence[str]) -> None:
        """These come before what was chosen earlier."""
        self._next = [*names, *(name for name in self._next if name not in names)]
