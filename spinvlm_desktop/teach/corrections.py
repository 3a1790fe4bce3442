"""What the user said of answers: a line each in `corrections.jsonl`, with the photos beside it, by their content's hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout
from PySide6.QtGui import QImage

from core.errors import SpinVlmError, reason_of
from core.files.atomic_file import write_bytes
from spinvlm_desktop.history.image_files import ImageFiles

FILE_NAME = "corrections.jsonl"
LOCK_SECONDS = 5
"""Another window's writing takes a moment."""


class CorrectionError(SpinVlmError):
    """A correction can't be kept, read or deleted."""


@dataclass(frozen=True)
class Correction:
    """A judgement, and what it is about."""

    photo: str
    """SHA-256 of the photo's file."""
    photo_name: str
    question: str
    """As the user asked it."""
    answer: str
    """The model's; empty where it declined to answer."""
    model: str
    was_right: bool
    right_answer: str
    """Of an answer that wasn't right; empty where the user didn't say."""
    time: str
    """When it was said: ISO 8601, in UTC."""

    @property
    def about(self) -> tuple[str, str, str]:
        """There is one correction of each answer to each question about each photo."""
        return self.photo, self.question, self.answer

    @property
    def lesson(self) -> str:
        """The answer that a model can learn; empty where it isn't known."""
        return self.answer if self.was_right else self.right_answer


class Corrections:
    """All of a folder, which is made with the first. Also several windows can use it at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / FILE_NAME
        self._known: tuple[object, list[Correction]] = (None, [])
        """The file's state when it was read last, and what it held then."""

    def all(self) -> list[Correction]:
        """The oldest first. Raises CorrectionError."""
        try:
            state = self._file.stat()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CorrectionError(f"The corrections in {self.folder} can't be read: {reason_of(error)}.") from error
        signature = state.st_mtime_ns, state.st_size, state.st_ino
        if signature != self._known[0]:
            parsed = [_parse(line) for line in self._lines()]
            self._known = signature, [correction for correction in parsed if correction is not None]
        return list(self._known[1])

    def keep(self, correction: Correction, image: Path | bytes, *, preview: QImage | None = None) -> None:
        """Keep it, with a copy of its photo, in place of an earlier one about the same answer. preview: for the thumbnail.

        Raises CorrectionError, and HistoryError where the photo is gone or has changed.
        """
        with self._writing() as lines:
            ImageFiles(self.folder).keep(image, correction.photo_name, content_hash=correction.photo, preview=preview)
            self._write([*(line for line in lines if not _is_about(line, correction)), _line(correction)])

    def amend(self, correction: Correction, right_answer: str) -> None:
        """Say what would have been right, or that nobody knows, where it is empty. Raises CorrectionError."""
        amended = replace(correction, was_right=False, right_answer=right_answer, time=now())
        with self._writing() as lines:
            self._write([_line(amended) if _is_about(line, correction) else line for line in lines])

    def delete(self, correction: Correction) -> None:
        """Take it out, and its photo where no other is about that. Raises CorrectionError."""
        with self._writing() as lines:
            others = [line for line in lines if not _is_about(line, correction)]
            self._write(others)
            if not any(correction.photo.encode() in line for line in others):
                ImageFiles(self.folder).remove(correction.photo)

    def photo(self, content_hash: str) -> Path | None:
        """The file of a photo, None where it is missing. Raises OSError."""
        return ImageFiles(self.folder).path(content_hash)

    def thumbnail(self, content_hash: str) -> QImage | None:
        """A small square of a photo, None where it is missing or damaged. Raises OSError."""
        return ImageFiles(self.folder).thumbnail(content_hash)

    @contextmanager
    def _writing(self) -> Iterator[list[bytes]]:
        """The file's lines, which no other window changes meanwhile; lines that aren't known here are kept as they are."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / f"{FILE_NAME}.lock", timeout=LOCK_SECONDS):
                yield self._lines() if self._file.exists() else []
        except Timeout as error:
            raise CorrectionError("Another window is busy with the corrections; try again.") from error
        except OSError as error:
            raise CorrectionError(f"The corrections in {self.folder} can't be written: {reason_of(error)}.") from error

    def _lines(self) -> list[bytes]:
        try:
            return [line for line in self._file.read_bytes().splitlines() if line.strip()]
        except OSError as error:
            raise CorrectionError(f"The corrections in {self.folder} can't be read: {reason_of(error)}.") from error

    def _write(self, lines: list[bytes]) -> None:
        write_bytes(self._file, b"".join(line + b"\n" for line in lines))


def now() -> str:
    """As `Correction.time` has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _line(correction: Correction) -> bytes:
    return json.dumps(asdict(correction), ensure_ascii=False).encode()


def _is_about(line: bytes, correction: Correction) -> bool:
    """Whether a line is about the same answer."""
    other = _parse(line)
    return other is not None and other.about == correction.about


def _parse(line: bytes) -> Correction | None:
    """None for a line that is damaged, or of another version of the program."""
    try:
        values: Any = json.loads(line)
        correction = Correction(**cast(dict[str, Any], values))
    except (ValueError, TypeError, RecursionError):
        return None
    texts = {**asdict(correction), "was_right": ""}.values()
    return correction if type(correction.was_right) is bool and all(isinstance(text, str) for text in texts) else None
