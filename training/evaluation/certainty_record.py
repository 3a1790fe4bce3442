"""What a report says of a model's certainty. Torch-free, for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Self

from training.evaluation.metrics.bootstrap import Interval

ALL, PEOPLE, CAPTIONS = "all", "people's questions", "questions made of captions"
"""Rows over all kinds of questions."""
Point = tuple[float, float, float]
"""Certainty, answers given of all, right ones of those given; in percent."""


@dataclass(frozen=True)
class CertaintyRow:
    """Answers to one kind of question, or to all; in percent. The certainty is that of curves made on other photos."""

    name: str
    questions: int
    """That went to the model."""
    right: Interval
    ece: Interval
    """How far certainty and share of right answers lie apart."""
    ece_by_chance: float | None
    """The same where every certainty is exactly right: what so few answers lie apart by chance; None in earlier reports."""
    aurc: Interval
    """Mean share of wrong answers while the most certain are given first."""
    separation: float
    """How often the right one of a right and a wrong answer is the more certain."""
    sure: float
    """Answers that are shown as sure."""
    sure_right: Interval | None
    """Right ones of those; None where there are none."""
    held_back: float
    """Answers that are shown only when the user asks for the guess."""
    held_back_right: float | None
    """Right ones of those; None where there are none."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        sure, back = values["sure_right"], values["held_back_right"]
        return cls(
            str(values["name"]), int(values["questions"]), Interval.read(values["right"]), Interval.read(values["ece"]),
            None if values.get("ece_by_chance") is None else float(values["ece_by_chance"]), Interval.read(values["aurc"]),
            float(values["separation"]), float(values["sure"]),
            None if sure is None else Interval.read(sure), float(values["held_back"]), None if back is None else float(back),
        )


@dataclass(frozen=True)
class DecliningFigures:
    """What becomes of questions that can't be answered from a photo, and of others; in percent, intervals over questions."""

    unanswerable: int
    answered: Interval
    """Of those, that got an answer: neither declined for their kind nor held back."""
    declined: Interval
    """Of those, declined for their kind."""
    answerable: int
    wrongly_declined: Interval
    """Of those, declined for their kind."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        answered, declined, wrongly = (Interval.read(values[name]) for name in ("answered", "declined", "wrongly_declined"))
        return cls(int(values["unanswerable"]), answered, declined, int(values["answerable"]), wrongly)


@dataclass(frozen=True)
class CertaintyRecord:
    """All that was measured of a model's certainty."""

    data: tuple[str, ...]
    """Names of the photos' collections."""
    photos: int
    questions: int
    """All that were asked."""
    declined: int
    """Those of them that didn't go to the model, for their kind."""
    rows: tuple[CertaintyRow, ...]
    """ALL first, then by source, then by kind."""
    curves: Mapping[str, Sequence[Point]]
    """Risk-coverage curves of the rows over all kinds."""
    spin: str
    """The setting of SPIN that was compared with SPIN off, as core.model.spin_text writes it."""
    changes: Mapping[str, Interval]
    """How much higher `right`, `ece` and `aurc` are with it than with SPIN off, in points of percent."""
    declining: DecliningFigures | None = None
    """None in reports of earlier versions."""

    def row(self, name: str) -> CertaintyRow | None:
        return next((row for row in self.rows if row.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "data": list(self.data), "photos": self.photos, "questions": self.questions, "declined": self.declined,
            "rows": [row.to_dict() for row in self.rows], "spin": self.spin,
            "curves": {name: [list(point) for point in points] for name, points in self.curves.items()},
            "changes": {name: interval.to_dict() for name, interval in self.changes.items()},
            "declining": None if self.declining is None else self.declining.to_dict(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError, ValueError or AttributeError for what isn't one."""
        return cls(
            tuple(map(str, values["data"])), int(values["photos"]), int(values["questions"]), int(values["declined"]),
            tuple(CertaintyRow.from_dict(row) for row in values["rows"]),
            {
                str(name): [(float(certainty), float(covered), float(right)) for certainty, covered, right in points]
                for name, points in values["curves"].items()
            },
            str(values["spin"]), {str(name): Interval.read(change) for name, change in values["changes"].items()},
            None if values.get("declining") is None else DecliningFigures.from_dict(values["declining"]),
        )


def certainty_record(values: Any) -> CertaintyRecord | None:
    """What a report says of a certainty; None where it says nothing, or is damaged."""
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        return CertaintyRecord.from_dict(values)
    return None
