"""Which photo comes next: the ones that teach most, which are those that the model is least certain of, spread over kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from math import inf, sqrt

from training.language.caption_parser import tokenize
from training.language.object_lexicon import load_object_lexicon

UNKNOWN_KIND = ""


class PhotoQueue:
    """Photos that wait. Which one is next is known at once, however many there are."""

    def __init__(self, names: Iterable[str]) -> None:
        """names: in the order in which they come while nothing is known of them."""
        self._place = {name: place for place, name in enumerate(names)}
        self._waiting = dict.fromkeys(self._place)
        self._about: dict[str, tuple[str, float]] = {}
        """Kind and certainty of the photos that were described."""
        self._heaps: dict[str, list[tuple[float, int, str]]] = {}
        self._sizes: Counter[str] = Counter()
        self._taken: Counter[str] = Counter()
        self._undescribed = dict.fromkeys(self._place)
        self._first: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, name: str) -> bool:
        return name in self._waiting

    def describe(self, name: str, *, kind: str, certainty: float) -> None:
        """What the model said of a photo. certainty: any number that rises with it."""
        if name not in self._place:
            return
        if name in self._about:
            self._sizes[self._about[name][0]] -= 1
        self._about[name] = kind, certainty
        self._sizes[kind] += 1
        self._undescribed.pop(name, None)
        self._push(name)

    def put_first(self, name: str) -> None:
        """It comes before all others."""
        if name in self._place:
            self._waiting[name] = None
            self._first[name] = None

    def leave(self, name: str) -> None:
        """It needn't come any more."""
        if name in self._waiting:
            del self._waiting[name]
            self._first.pop(name, None)
            self._taken[self._about.get(name, (UNKNOWN_KIND, 0.0))[0]] += 1

    def put_back(self, name: str) -> None:
        """It waits again."""
        if name in self._place and name not in self._waiting:
            self._waiting[name] = None
            kind = self._about.get(name, (UNKNOWN_KIND, 0.0))[0]
            self._taken[kind] = max(0, self._taken[kind] - 1)
            if name in self._about:
                self._push(name)
            else:
                self._undescribed[name] = None

    def next(self, *, beside: Sequence[str] = ()) -> str | None:
        """The photo that teaches most; None where none waits. beside: photos that are on show or come anyway."""
        for name in self._first:
            if name not in beside:
                return name
        best, rank = None, (inf, inf)
        coming = Counter(self._about[name][0] for name in beside if name in self._waiting and name in self._about)
        for kind, heap in self._heaps.items():
            found = self._least_certain(kind, heap, beside)
            if found is None:
                continue
            # A kind of many photos is asked about more often, but not as often as it is large.
            mine = ((self._taken[kind] + coming[kind]) / sqrt(max(1, self._sizes[kind])), found[0])
            if mine < rank:
                best, rank = found[2], mine
        return best if best is not None else self._first_undescribed(beside)

    def _least_certain(
        self, kind: str, heap: list[tuple[float, int, str]], beside: Sequence[str]
    ) -> tuple[float, int, str] | None:
        held: list[tuple[float, int, str]] = []
        found = None
        while heap and found is None:
            entry = heap[0]
            certainty, _, name = entry
            if name not in self._waiting or self._about[name] != (kind, certainty):
                heappop(heap)
            elif name in beside:
                held.append(heappop(heap))
            else:
                found = entry
        for entry in held:
            heappush(heap, entry)
        return found

    def _first_undescribed(self, beside: Sequence[str]) -> str | None:
        done: list[str] = []
        found = None
        for name in self._undescribed:
            if name not in self._waiting:
                done.append(name)
            elif name not in beside:
                found = name
                break
        for name in done:
            del self._undescribed[name]
        return found

    def _push(self, name: str) -> None:
        kind, certainty = self._about[name]
        heappush(self._heaps.setdefault(kind, []), (certainty, self._place[name], name))


def kind_in(description: str) -> str:
    """What a photo is mainly of: the first thing that its description names; nothing where it names none."""
    mentions = load_object_lexicon().mentions(tokenize(description))
    return mentions[0].names[0] if mentions else UNKNOWN_KIND
