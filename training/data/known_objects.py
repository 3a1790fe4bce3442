"""What is really in each photo, where somebody has written it down: objects.jsonl beside the captions.

A JSON object a line with "image" and "objects", a list of names or of objects with a "name" (boxes and more are left to
other readers). A line with "complete": false names only some of what is there: of what else is in its photo it says nothing,
so it is passed over here. The names are those of the lexicon in objects.txt, where one lies beside it, else of the program's own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.json_lines import read_json_lines
from training.data.text_file import read_text
from training.language.object_lexicon import ObjectLexicon, load_object_lexicon, parse_lexicon

OBJECTS_FILE = "objects.jsonl"
LEXICON_FILE = "objects.txt"
COMPLETE = "complete"


@dataclass(frozen=True)
class KnownObjects:
    """The objects of photos, and the lexicon that has their names."""

    lexicon: ObjectLexicon
    present: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Image name -> everything that is in it, and all that is more general. Of other photos nothing is known."""


def read_known_objects(folder: Path) -> KnownObjects:
    """What a dataset's folder says; the program's own lexicon where it has none. Raises DataError for a faulty file."""
    own, known = folder / LEXICON_FILE, folder / OBJECTS_FILE
    lexicon = parse_lexicon(read_text(own)) if own.is_file() and known.is_file() else load_object_lexicon()
    if not known.is_file():
        return KnownObjects(lexicon)
    present: dict[str, frozenset[str]] = {}
    for number, values in read_json_lines(known):
        image, objects = values.get("image"), values.get("objects")
        if not isinstance(image, str) or not isinstance(objects, list):
            raise DataError(f'line {number} of {known.name} needs an "image" and a list of "objects"')
        if values.get(COMPLETE) is False:
            continue
        names = [_name_of(entry) for entry in cast(list[Any], objects)]
        unknown = [name for name in names if name not in lexicon.objects]
        if unknown:
            raise DataError(f"line {number} of {known.name} names {unknown[0]!r}, which the object lexicon doesn't have")
        general = (lexicon.ancestors(name) for name in names)
        present[image.replace("\\", "/")] = frozenset(names).union(*general)
    return KnownObjects(lexicon, present)


def _name_of(entry: object) -> str:
    if isinstance(entry, dict):
        entry = cast(dict[str, Any], entry).get("name")
    return entry if isinstance(entry, str) else ""
