"""The answers to people's questions as a table. Torch-free, for whoever shows it."""

from __future__ import annotations

from training.evaluation.metrics.interval_words import change_in_words, in_cell
from training.evaluation.people_record import ALL, NUMBER, OTHER, YES_NO, PeopleRecord, PeopleRow

COLUMNS = ("people's questions", "questions", "right, %", "another photo", "no photo", "gain", "synonyms too")
"""Of a row; the first names it."""
IN_WORDS = {
    ALL: "all", YES_NO: "answers: yes/no", NUMBER: "answers: numbers", OTHER: "answers: others", "yes_no": "kind: yes/no",
    "either_or": "kind: either-or", "place_name": "kind: place name", "about_program": "kind: program",
    "follow_up": "kind: follow-up",
}
"""What rows are called; by what most people answered, and by kind of question."""


def people_rows(record: PeopleRecord, *, digits: int = 1) -> list[list[str]]:
    """A line a row, its cells as COLUMNS has them. digits: behind the point."""
    return [
        [name_of(row), f"{row.questions:,}", in_cell(row.right, digits=digits), f"{row.another_photo.value:.{digits}f}",
         f"{row.question_alone.value:.{digits}f}", change_in_words(row.gain, digits=digits), f"{row.alike.value:.{digits}f}"]
        for row in record.rows
    ]


def name_of(row: PeopleRow) -> str:
    """What the row is about, in words."""
    return IN_WORDS.get(row.name, f"kind: {row.name}")
