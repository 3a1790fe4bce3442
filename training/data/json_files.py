"""JSON files of other programs, of which only some entries are read; packed by xz where their name ends in .xz."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from core.errors import DataError, reason_of
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
        content: Any = json.loads(lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else read_text(path))
    except (ValueError, RecursionError):
        return {}
    except OSError as error:
        raise DataError(f"{path} can't be read: {reason_of(error)}") from error
    except (lzma.LZMAError, EOFError) as error:
        raise DataError(f"{path} can't be unpacked; it is damaged") from error
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}


def entries_of(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in a list of the file; others in it are left out."""
    values = content.get(key)
    return [entry for entry in cast(list[Any], values) if isinstance(entry, dict)] if isinstance(values, list) else []
