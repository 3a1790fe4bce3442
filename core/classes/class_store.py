"""The class questions of a folder. They are looked for whenever something is asked, so that what was just learnt counts."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from core.classes.class_file import read_class_question
from core.classes.class_question import ClassQuestion, ClassSummary
from core.classes.class_summary import SUFFIX, read_summary
from core.classes.class_wording import wording_of
from core.errors import ModelFileError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Known:
    """What was read of a file, as long as it is the same."""

    stamp: tuple[int, int, int]
    summary: ClassSummary


class ClassStore:
    """Reads each file's description once, its numbers when its question is asked. A file that can't be read is left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, _Known] = {}
        self._loaded: dict[Path, tuple[tuple[int, int, int], ClassQuestion]] = {}

    def find(self, question: str, *, encoder: str) -> ClassQuestion | ClassSummary | None:
        """What was learnt of a question that means the same; None where nothing was.

        encoder: fingerprint of the one in use; what was learnt with another comes as its summary, since it can't be used.
        Of several the latest of this encoder counts.
        """
        asked = wording_of(question)
        if not asked.letters:
            return None
        fitting = [(path, known) for path, known in self._all() if wording_of(known.summary.question).means(asked)]
        exact = [entry for entry in fitting if wording_of(entry[1].summary.question).letters == asked.letters]
        candidates = sorted(exact or fitting, key=lambda entry: (entry[1].summary.encoder == encoder, entry[1].summary.created))
        if not candidates:
            return None
        path, known = candidates[-1]
        return self._load(path, known) if known.summary.encoder == encoder else known.summary

    def summaries(self) -> list[ClassSummary]:
        """Of all that can be read, by their questions."""
        return sorted((known.summary for _, known in self._all()), key=lambda summary: summary.question.casefold())

    def _load(self, path: Path, known: _Known) -> ClassQuestion | None:
        found = self._loaded.get(path)
        if found is not None and found[0] == known.stamp:
            return found[1]
        try:
            learnt = read_class_question(path)
        except ModelFileError:
            log.warning("a class question was left out", exc_info=True)
            return None
        self._loaded[path] = known.stamp, learnt
        return learnt

    def _all(self) -> list[tuple[Path, _Known]]:
        try:
            paths = sorted(self._folder.glob(f"*/*{SUFFIX}"))
        except OSError:
            return []
        self._known = {path: known for path in paths if (known := self._read(path)) is not None}
        return list(self._known.items())

    def _read(self, path: Path) -> _Known | None:
        try:
            found = path.stat()
            stamp = found.st_mtime_ns, found.st_size, found.st_ino
            known = self._known.get(path)
            return known if known is not None and known.stamp == stamp else _Known(stamp, read_summary(path))
        except (OSError, ModelFileError):
            log.warning("%s is not a class question that can be read", path)
            return None
