"""Answers about a folder as a file: a table, a line a photo, or what *Train* reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from core.errors import SpinVlmError, reason_of
from core.files.atomic_file import write_bytes
from spinvlm_desktop.answers.answer_files import COLUMNS, not_a_formula
from spinvlm_desktop.batch.photo_result import PhotoResult, printable
from training.data.ready_pairs import FILE_NAME as QUESTIONS_NAME

CORRECTION = "correction"
Answered = Sequence[tuple[Path, PhotoResult]]


class ExportError(SpinVlmError):
    """Answers can't be written; one sentence says why."""


def as_csv(answered: Answered) -> bytes:
    """The columns of `spinvlm ask --out`, and the corrections. A mark lets spreadsheet programs see that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, CORRECTION])
    for _, result in answered:
        writer.writerow([not_a_formula(value) for value in (*(result.row[name] for name in COLUMNS), result.correction)])
    return text.getvalue().encode("utf-8-sig", "replace")


def as_json_lines(answered: Answered) -> bytes:
    """The same, an object a line."""
    lines = [json.dumps({**result.row, CORRECTION: result.correction}, ensure_ascii=False) + "\n" for _, result in answered]
    return "".join(lines).encode("utf-8", "replace")


def training_name(answered: Answered) -> str:
    """Of the file that *Train* reads: captions, where the answers are descriptions, else questions."""
    return "captions.csv" if all(result.is_sentence for _, result in answered) else QUESTIONS_NAME


def as_training_data(answered: Answered, *, folder: Path) -> bytes:
    """Captions or questions as `training_name` says, with corrections in place of the model's answers.

    folder: where the file is to lie, and the photos below it. Photos without an answer are left out. Raises ExportError.
    """
    usable = [(photo, result) for photo, result in answered if not result.row["declined"] and not (
        result.failed and result.correction is None
    )]
    if any(not photo.is_relative_to(folder) for photo, _ in usable):
        raise ExportError("Training looks for the photos beside this file or below it; choose the folder of the photos.")
    names = [printable(photo.relative_to(folder)).replace("\\", "/") for photo, _ in usable]
    pairs = list(zip(names, (result for _, result in usable), strict=True))
    if training_name(answered) == QUESTIONS_NAME:
        lines = [{"image": name, "question": result.row["question"], "answer": result.text} for name, result in pairs]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([("image", "caption"), *((name, result.text) for name, result in pairs)])
    return text.getvalue().encode("utf-8", "replace")


def save(path: Path, content: bytes) -> None:
    """Replace the file. Raises ExportError."""
    try:
        write_bytes(path, content)
    except OSError as error:
        raise ExportError(f"{printable(path)} can't be written: {reason_of(error)}.") from error
