"""Answers of many photos as a CSV or JSON-lines file."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.answers import Answer
from core.config import SpinConfig
from core.errors import ConfigError
from core.model.spin_text import option_text

SUFFIXES = (".csv", ".jsonl")
COLUMNS = (
    "image", "question", "answer", "finish", "log_probability", "error", "model", "spin", "declined", "certainty",
)
"""`declined`: the kind of question that can't be answered, and the answer says so; empty where the model answered."""


class AnswerFile:
    """A line per photo, written as it is answered to a file beside `path`, which takes its place at the end.

    So what was in the file stays until there is something new, and a run that is cancelled or killed keeps what is done.
    """

    def __init__(self, path: Path) -> None:
        """Raises ConfigError for another suffix than .csv and .jsonl, or where the file can't be written."""
        self.path = path
        """Where the answers are; after `close` it may be the file beside the one that was asked for."""
        self._target = path
        self.count = 0
        """Photos written."""
        self._json_lines = path.suffix.lower() == ".jsonl"
        if path.suffix.lower() not in SUFFIXES:
            raise ConfigError(f"--out takes a .csv or .jsonl file, got {path.name}")
        self._beside = path.with_stem(f"{path.stem}.unfinished")
        try:
            if path.exists():
                path.open("r+b").close()  # a spreadsheet program may hold it, or it is read-only
            # The byte-order mark lets spreadsheet programs see that the CSV is UTF-8.
            self._file = self._beside.open("w", encoding="utf-8" if self._json_lines else "utf-8-sig", newline="")
        except OSError as error:
            raise ConfigError(f"{path} can't be written: {error.strerror}") from error
        if not self._json_lines:
            csv.writer(self._file).writerow(COLUMNS)

    def write(
        self, image: Path, question: str, result: Answer | Exception, *, model: str, spin: SpinConfig | None
    ) -> None:
        """One photo's answer, or why there is none. model: name of the one that was asked."""
        row = answer_row(image, question, result, model=model, spin=spin)
        if self._json_lines:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            csv.writer(self._file).writerow([not_a_formula(row[name]) for name in COLUMNS])
        self._file.flush()
        self.count += 1

    def close(self) -> None:
        """The answers take the place of the file; where there is none, the file stays as it was. Raises OSError.

        Where the file can't be replaced, as another program holds it, the answers stay beside it: see `path`.
        """
        self._file.close()
        if self.count:
            self.path = self._beside
            os.replace(self._beside, self._target)
            self.path = self._target
        else:
            self._beside.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def answer_row(
    image: Path, question: str, result: Answer | Exception, *, model: str, spin: SpinConfig | None
) -> dict[str, Any]:
    """One photo's answer, or why there is none, by column. model: name of the one that was asked."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(image=str(image), question=question, model=model, spin=option_text(spin))
    if isinstance(result, Answer):
        row.update(
            answer=result.text, finish=result.finish, log_probability=round(result.log_probability, 4),
            declined="" if result.declined is None else result.declined.kind, certainty=result.certainty,
        )
    else:
        row.update(error=str(result))
    return row


def not_a_formula(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
