"""Answers that were made so far, in a file: a measurement that was cut off goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from core.files.atomic_file import write_text

KEEP_EVERY_S = 10.0
"""Seconds of answering that a measurement which is cut off may lose."""


class KeptAnswers:
    """Answers by setting; those that depend on something else than this time are forgotten."""

    def __init__(self, path: Path, depends_on: dict[str, Any]) -> None:
        """depends_on: everything but the setting that the answers follow from, as JSON can hold it."""
        self._path = path
        self._key = hashlib.sha256(json.dumps(depends_on, sort_keys=True).encode()).hexdigest()
        self._settings: dict[str, list[str]] = {}
        self._begun: dict[str, list[list[str]]] = {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["depends_on"] != self._key:
                return
            self._settings = {str(name): _texts(texts) for name, texts in content["settings"].items()}
            self._begun = {str(name): [_texts(group) for group in groups] for name, groups in content.get("begun", {}).items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return  # none yet, or damaged: made again

    def get(self, name: str, *, count: int) -> list[str] | None:
        """A setting's answers, where there are this many."""
        found = self._settings.get(name)
        return found if found is not None and len(found) == count else None

    def part(self, name: str, *, count: int, photos: int) -> float:
        """How much of a setting there is, from 0 to 1. count: of all its answers; photos: that they are about."""
        if self.get(name, count=count) is not None:
            return 1.0
        return min(1.0, len(self._begun.get(name, [])) / max(1, photos))

    def begin(self, name: str) -> AnswersSoFar:
        """The answers of a setting that isn't done: those there are, to which others are added."""
        return AnswersSoFar(self, name, self._begun.get(name, []))

    def add(self, name: str, answers: list[str]) -> None:
        """Keep all of a setting. Raises OSError where the file can't be written."""
        self._settings[name] = answers
        self._begun.pop(name, None)
        self._write()

    def keep_begun(self, name: str, answers: list[list[str]]) -> None:
        """Keep a part of a setting, photo by photo. Raises OSError where the file can't be written."""
        self._begun[name] = answers
        self._write()

    def _write(self) -> None:
        content: dict[str, Any] = {"depends_on": self._key, "settings": self._settings}
        if self._begun:
            content["begun"] = self._begun
        write_text(self._path, json.dumps(content, ensure_ascii=False))


class AnswersSoFar:
    """The answers of one setting while they are made, photo by photo; they are kept every few seconds."""

    def __init__(self, kept: KeptAnswers, name: str, answers: list[list[str]]) -> None:
        self._kept, self._name = kept, name
        self._answers = answers
        self._written = time.monotonic()

    @property
    def answers(self) -> list[list[str]]:
        """Those of the first photos."""
        return list(self._answers)

    def take(self, answers: list[list[str]]) -> None:
        """All that there are now. Raises OSError where the file can't be written."""
        self._answers = list(answers)
        if time.monotonic() - self._written >= KEEP_EVERY_S:
            self._kept.keep_begun(self._name, self._answers)
            self._written = time.monotonic()


def _texts(texts: list[Any]) -> list[str]:
    return [str(text) for text in texts]
