"""What a teaching changed, before and after, and what follows from it. Torch-free."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, cast

from core.config import SettingsRecord
from core.errors import DataError
from training.evaluation.metrics.bootstrap import Interval

Outcome = Literal["better", "not_better", "forgot", "too_few", "nothing"]
FEWEST_TO_TELL = 5
"""Photos kept back, below which nothing is said of others."""
MOST_FORGOTTEN = 3.0
"""Points of right answers about old photos: a model that may have lost more, doesn't take over."""


@dataclass(frozen=True)
class Change(SettingsRecord):
    """One measure of the same photos, in percent."""

    before: float
    after: float
    change: Interval
    """In points, where other photos of the same sort had been drawn."""

    @property
    def is_better(self) -> bool:
        return self.change.low > 0

    @property
    def is_worse(self) -> bool:
        return self.change.high < 0

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        return cls(float(values["before"]), float(values["after"]), Interval.from_dict(values["change"]))


@dataclass(frozen=True)
class Measured(SettingsRecord):
    """Some photos, before and after."""

    photos: int
    questions: int
    descriptions: int
    answers: Change | None
    """Short answers that are right; None where nothing of the kind was asked."""
    words: Change | None
    """Of descriptions, words shared with a person's (F1 with the one that is most alike)."""
    fit: Change | None
    """How probable the model finds each word of the right answers, the geometric mean."""

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        changes = [None if values[name] is None else Change.from_dict(values[name]) for name in ("answers", "words", "fit")]
        return cls(int(values["photos"]), int(values["questions"]), int(values["descriptions"]), *changes)


@dataclass(frozen=True)
class ShownAnswer(SettingsRecord):
    """A question about a photo of the user's, as it was answered before and is after."""

    image: str
    """Path of the photo."""
    question: str
    right: str
    before: str
    after: str
    was_right: bool
    is_right: bool
    taught: bool
    """Whether the photo was one to learn from; else it was kept back."""


@dataclass(frozen=True)
class TeachReport:
    """All of it."""

    model: str
    """Path of the model before."""
    rehearsed: str
    """Where what it rehearsed is from."""
    held_out: Measured
    """The user's photos that were kept back."""
    taught: Measured
    """The user's photos that it learnt from."""
    old: Measured
    """Photos of the kind that it was trained on, kept back too."""
    best_pass: int
    """0: no pass made it better."""
    passes: int
    seconds: float
    shown: tuple[ShownAnswer, ...]
    part: float = 1.0
    """How much of what was learnt the new model takes over; see mixing.py."""

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self)

    @property
    def answers_tell(self) -> bool:
        """Whether right answers or descriptions alone show that it is better."""
        return any(change.is_better for change in _changes(self.held_out))

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "outcome": self.outcome}, indent=1, ensure_ascii=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Raises DataError."""
        try:
            values = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
            values.pop("outcome", None)
            held_out, taught, old = (Measured.from_dict(values.pop(name)) for name in ("held_out", "taught", "old"))
            shown = tuple(ShownAnswer.from_dict(one) for one in values.pop("shown"))
            return cls(**values, held_out=held_out, taught=taught, old=old, shown=shown)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"The result {path} can't be read.") from error


def outcome_of(report: TeachReport) -> Outcome:
    """Better: something is, beyond chance, on the photos that were kept back, nothing is worse, and nothing was forgotten.

    Few photos seldom show it by right answers alone. How likely the model finds the right words tells more with each of them,
    and counts where answers and descriptions didn't lose either.
    """
    if report.best_pass == 0:
        return "nothing"
    if has_forgotten(report.old):
        return "forgot"
    if report.held_out.photos < FEWEST_TO_TELL:
        return "too_few"
    changes = _changes(report.held_out)
    if any(change.is_worse for change in changes):
        return "not_better"
    if report.answers_tell or _finds_right_words_likelier(report.held_out):
        return "better"
    return "too_few" if any(change.change.value > 0 for change in changes) else "not_better"


def _finds_right_words_likelier(measured: Measured) -> bool:
    """Beyond chance, and no fewer answers are right and no fewer words of descriptions are shared."""
    fit = measured.fit
    return fit is not None and fit.is_better and all(change.change.value >= 0 for change in _changes(measured))


def has_forgotten(old: Measured) -> bool:
    """Whether the model may have lost more than a little of what it knew."""
    answers, words = old.answers, old.words
    return (answers is not None and answers.change.low < -MOST_FORGOTTEN) or (
        words is not None and words.change.low < -MOST_FORGOTTEN
    )


def _changes(measured: Measured) -> Sequence[Change]:
    return [change for change in (measured.answers, measured.words) if change is not None]
