"""Answers of many photos as a CSV or JSON-lines file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from core.answers import Answer
from core.config import SpinConfig
from core.errors import ConfigError

COLUMNS = ("image", "question", "answer", "finish", "log_probability", "error", "model", "spin")


class AnswerFile:
    """Writes a line per photo as it is answered, so that a cancelled run keeps what is done."""

    def __init__(self, path: Path) -> None:
        """Raises ConfigError for another suffix than .csv and .jsonl, or where the file can't be written."""
        self.path = path
        self._json_lines = path.suffix.lower() == ".jsonl"
        if not self._json_lines and path.suffix.lower() != ".csv":
            raise ConfigError(f"--out takes a .csv or .jsonl file, got {path.name}")
        try:
            # The byte-order mark lets spreadsheet programs see that the CSV is UTF-8.
            self._file = path.open("w", encoding="utf-8" if self._json_lines else "utf-8-sig", newline="")
        except OSError as error:
            raise ConfigError(f"{path} can't be written: {error.strerror}") from error
        if not self._json_lines:
            csv.writer(self._file).writerow(COLUMNS)

    def write(
        self, image: Path, question: str, result: Answer | Exception, *, model: str, spin: SpinConfig | None
    ) -> None:
        """One photo's answer, or why there is none. model: name of the one that was asked."""
        row: dict[str, Any] = dict.fromkeys(COLUMNS)
        row.update(image=str(image), question=question, model=model, spin=_settings(spin))
        if isinstance(result, Answer):
            row.update(answer=result.text, finish=result.finish, log_probability=round(result.log_probability, 4))
        else:
            row.update(error=str(result))
        if self._json_lines:
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")
        else:
            csv.writer(self._file).writerow([_not_a_formula(row[name]) for name in COLUMNS])
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def _settings(spin: SpinConfig | None) -> str:
    """Head suppression as `spinvlm ask` takes it: its options, without their dashes."""
    if spin is None:
        return "off"
    layers = f"{spin.first_layer}:{'' if spin.last_layer is None else spin.last_layer}"
    return f"keep={spin.keep} alpha={spin.alpha:g} layers={layers} score={spin.score}"


def _not_a_formula(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets an apostrophe (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
