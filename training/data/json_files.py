"""JSON files of other programs, of which only some entries are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from training.data.caption_layouts import TEXT_FOLDERS
from training.data.text_file import read_text


def find_json_files(folder: Path, pattern: str) -> Iterator[Path]:
    """A collection's files whose names match, by name."""
    for sub in TEXT_FOLDERS:
        if (folder / sub).is_dir():
            yield from sorted(path for path in (folder / sub).glob(pattern) if path.is_file())


def read_object(path: Path) -> dict[str, Any]:
    """The file's object; an empty one where it holds something else. Raises DataError for a file that can't be read."""
    try:
        content: Any = json.loads(read_text(path))
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}


def entries_of(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in a list of the file; others in it are left out."""
    values = content.get(key)
    return [entry for entry in cast(list[Any], values) if isinstance(entry, dict)] if isinstance(values, list) else []
