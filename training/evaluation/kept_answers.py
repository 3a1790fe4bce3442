"""Answers that were made so far, in a file: a measurement that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from core.atomic_file import write_text


class KeptAnswers:
    """Answers by setting; those that depend on something else than this time are forgotten."""

    def __init__(self, path: Path, depends_on: dict[str, Any]) -> None:
        """depends_on: everything but the setting that the answers follow from, as JSON can hold it."""
        self._path = path
        self._key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        self._settings: dict[str, list[str]] = {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["depends_on"] == self._key:
                self._settings = {str(name): [str(text) for text in texts] for name, texts in content["settings"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return  # none yet, or damaged: made again

    def get(self, name: str, *, count: int) -> list[str] | None:
        """A setting's answers, where there are this many."""
        found = self._settings.get(name)
        return found if found is not None and len(found) == count else None

    def add(self, name: str, answers: list[str]) -> None:
        """Keep them. Raises OSError where the file can't be written."""
        self._settings[name] = answers
        content = {"depends_on": self._key, "settings": self._settings}
        write_text(self._path, json.dumps(content, ensure_ascii=False))
