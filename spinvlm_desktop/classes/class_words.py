"""How well classes are told apart, in words."""

from __future__ import annotations

from core.classes.class_question import ClassSummary
from core.classes.class_results import ClassResults, confusion

FEW = 20
"""Photos below which nothing is said about certainty."""


def accuracy_sentence(results: ClassResults) -> str:
    """`Right about 39 of 45 photos that were held out: 87 % (74-94 %). Always saying the largest class: 33 %.`"""
    low, high = results.interval
    sentence = (
        f"Right about {results.right} of {results.total} photos that were held out: {results.accuracy:.0%} "
        f"({100 * low:.0f}-{high:.0%}). Chance, always saying the class with most photos: {results.chance:.0%}."
    )
    return sentence if results.is_above_chance else f"{sentence} That may be luck: more photos are needed."


def decline_sentence(summary: ClassSummary) -> str:
    """What is said of certainty and of photos that fit no class."""
    if all(photo.certainty is None for photo in summary.photos):
        return f"Too few photos to tell how sure an answer is: {FEW} are needed in all, and there are {len(summary.photos)}."
    strange = sum(not photo.fits for photo in summary.photos)
    photos = "1 of these photos" if strange == 1 else f"{strange} of these photos"
    return f"A photo that is unlike every class is declined, as {photos} would be."


def confusion_rows(summary: ClassSummary) -> list[str]:
    """The confusion matrix as lines of text: own classes below one another, what they were taken for side by side."""
    cells = confusion(summary)
    names = list(summary.classes)
    width = max(map(len, names))
    columns = [max(len(name), 3) for name in names]
    head = " " * width + "  taken for: " + "  ".join(name.rjust(column) for name, column in zip(names, columns, strict=True))
    rows = [
        name.ljust(width) + " " * 13 + "  ".join(str(len(cell)).rjust(column) for cell, column in zip(row, columns, strict=True))
        for name, row in zip(names, cells, strict=True)
    ]
    return [head, *rows]
