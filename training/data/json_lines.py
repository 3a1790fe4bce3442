"""Text files with a JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from core.errors import DataError
from training.data.text_file import read_text, text_lines


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and JSON object of each line that isn't empty. Raises DataError where a line holds none."""
    for number, line in enumerate(text_lines(read_text(path)), start=1):
        if not line.strip():
            continue
        try:
            values: Any = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            raise DataError(f"line {number} of {path.name} is no JSON object")
        yield number, cast(dict[str, Any], values)
