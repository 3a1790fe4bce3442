"""What is seen in photos that nothing else may be said of: the lines of objects.jsonl, to learn from.

Beside what known_objects describes, a line may say with "absent" which objects are certainly not in its photo, and with
"counts" how many there are of some: one mark of a dog says that there is a dog, not that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.entities import Box
from training.data.json_lines import read_json_lines
from training.data.known_objects import OBJECTS_FILE


@dataclass(frozen=True)
class SeenObject:
    """An object in a photo, and where it is if that was marked."""

    name: str
    box: Box | None = None


@dataclass(frozen=True)
class SeenObjects:
    """What is known to be in one photo."""

    objects: tuple[SeenObject, ...]
    absent: frozenset[str] = frozenset()
    """Names of what is certainly not in it."""
    counts: dict[str, int] = field(default_factory=dict[str, int])
    """How many there are, where that is known."""

    @property
    def names(self) -> frozenset[str]:
        """Of everything that is seen."""
        return frozenset(seen.name for seen in self.objects)

    @property
    def boxes(self) -> dict[str, tuple[Box, ...]]:
        """Where each kind of object was marked."""
        return {name: tuple(seen.box for seen in self.of(name) if seen.box is not None) for name in sorted(self.names)}

    def of(self, name: str) -> tuple[SeenObject, ...]:
        """The marks of one kind of object."""
        return tuple(seen for seen in self.objects if seen.name == name)


def read_seen_objects(folder: Path) -> dict[str, SeenObjects]:
    """What is seen in each photo that a collection's file names, by the photo's name; nothing where there is no such file.

    Of several lines about a photo the last one counts. Raises DataError for a faulty line.
    """
    path = folder / OBJECTS_FILE
    if not path.is_file():
        return {}
    found: dict[str, SeenObjects] = {}
    for number, values in read_json_lines(path):
        image, objects = values.get("image"), values.get("objects")
        place = f"line {number} of {path.name}"
        if not isinstance(image, str) or not isinstance(objects, list):
            raise DataError(f'{place} needs an "image" and a list of "objects"')
        seen = SeenObjects(
            tuple(_seen(entry, place) for entry in cast(list[Any], objects)), _absent(values.get("absent"), place),
            _counts(values.get("counts"), place),
        )
        if both := seen.names & seen.absent:
            raise DataError(f"{place} says that {min(both)} is there and that it is absent")
        found[image.replace("\\", "/")] = seen
    return found


def _seen(entry: object, place: str) -> SeenObject:
    values = cast(dict[str, Any], entry) if isinstance(entry, dict) else {"name": entry}
    name, box = values.get("name"), values.get("box")
    if not isinstance(name, str) or not name.strip():
        raise DataError(f'{place} has an object without a "name"')
    if box is None:
        return SeenObject(name)
    edges = cast(list[Any], box)
    if not isinstance(box, list) or len(edges) != len(Box._fields) or not all(isinstance(edge, int | float) for edge in edges):
        raise DataError(f'{place} has a "box" that isn\'t four numbers')
    return SeenObject(name, Box(*map(float, edges)))


def _absent(given: object, place: str) -> frozenset[str]:
    if given is None:
        return frozenset()
    if not isinstance(given, list) or not all(isinstance(name, str) for name in cast(list[Any], given)):
        raise DataError(f'{place} has an "absent" that is no list of names')
    return frozenset(cast(list[str], given))


def _counts(given: object, place: str) -> dict[str, int]:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(type(count) is int and count > 0 for count in cast(dict[str, Any], given).values()):
        raise DataError(f'{place} has "counts" that aren\'t {{"a name": a number above 0, ...}}')
    return cast(dict[str, int], given)
