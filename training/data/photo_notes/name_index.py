"""Finds the photo that another program's file means: such files name photos by paths, by names or by numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

NUMBER = re.compile(r"(?:.*_)?0*(\d+)")


class NameIndex:
    """The names of the photos that are there. What several photos may be meant by means none."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by: dict[str, set[str]] = {}
        for name in names:
            path = PurePosixPath(name)
            number = number_in(name)
            for key in (name, path.name, path.stem, *([f"#{number}"] if number is not None else [])):
                self._by.setdefault(key, set()).add(name)

    def find(self, given: str) -> str | None:
        """The photo of a path or a name, with or without its ending."""
        path = PurePosixPath(given.replace("\\", "/"))
        for key in (path.as_posix(), path.name, path.stem):
            if len(found := self._by.get(key, ())) == 1:
                return next(iter(found))
        return None

    def numbered(self, number: int) -> str | None:
        """The photo whose name ends in this number, as COCO's do."""
        found = self._by.get(f"#{number}", ())
        return next(iter(found)) if len(found) == 1 else None


def number_in(name: str) -> int | None:
    """The number that a photo's name ends in; None where it ends in none."""
    match = NUMBER.fullmatch(PurePosixPath(name).stem)
    return int(match[1]) if match and len(match[1]) <= 15 else None
