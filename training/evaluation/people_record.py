"""What a report says of questions that people asked. Torch-free, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from training.evaluation.metrics.bootstrap import Interval

ALL, YES_NO, NUMBER, OTHER = "all", "yes or no", "a number", "anything else"
"""Rows over all kinds of questions: all, and by what most people answered."""

OTHER_PHOTOS = 4
"""That each question is asked about: with a single one the difference to the question's own photo is half luck."""


@dataclass(frozen=True)
class PeopleRow:
    """VQA's soft accuracy of the answers to some of the questions, in percent."""

    name: str
    """ALL, YES_NO, NUMBER, OTHER, or a kind of core.text.question_kinds."""
    questions: int
    right: Interval
    another_photo: Interval
    """Of the answers with another photo in its place: the mean over several."""
    question_alone: Interval
    """Of the answers without a photo; a pretrained model is shown a blank one."""
    gain: Interval
    """How much `right` is above `another_photo`, in points."""
    alike: Interval
    """As `right`, where synonyms, plurals and prepositions make no difference."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        scores = [field.name for field in fields(cls) if field.name not in ("name", "questions")]
        return cls(str(values["name"]), int(values["questions"]), *(Interval.read(values[name]) for name in scores))


@dataclass(frozen=True)
class PeopleRecord:
    """All that was measured of the answers to people's questions."""

    data: tuple[str, ...]
    """Names of the photos' collections."""
    photos: int
    questions: int
    declined: int
    """Those of them that the program declines for their kind; here they were asked all the same."""
    other_photos: int
    """How many other photos each question was asked about."""
    rows: tuple[PeopleRow, ...]
    """ALL first, then by answer, then by kind."""

    def row(self, name: str) -> PeopleRow | None:
        return next((row for row in self.rows if row.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "data": list(self.data), "rows": [asdict(row) for row in self.rows]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError, ValueError or AttributeError for what isn't one."""
        return cls(
            tuple(map(str, values["data"])), int(values["photos"]), int(values["questions"]), int(values["declined"]),
            int(values["other_photos"]), tuple(PeopleRow.from_dict(row) for row in values["rows"]),
        )


def people_record(values: Any) -> PeopleRecord | None:
    """What a report says of people's questions; None where it says nothing, or is damaged."""
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        return PeopleRecord.from_dict(values)
    return None
