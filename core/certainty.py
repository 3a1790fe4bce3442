"""How likely an answer is right: what was measured of a model on photos that it hasn't learnt from. Imports no torch.

The model's own probability of an answer says which of two answers is more likely right, not how likely that is: it is too
sure of itself, and more so for some kinds of questions than for others. A curve for each kind of question turns it into the
share of answers that were right where the model was as sure. "Yes" and "no" to whether something is there have curves of their
own, since a small model says one of them too often; all other yes/no questions share another one, for they are asked in more
ways than a model of this size has learnt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, Self, cast

from core.config import SpinConfig, require
from core.errors import ConfigError
from core.text.question_kinds.kinds import QuestionKind

SURE_FROM = 0.9
FAIRLY_SURE_FROM = 0.65
DECLINED_BELOW = 0.35
"""A guess that is wrong about two times in three isn't worth more than "I don't know"."""
HELD_BACK_KINDS: frozenset[QuestionKind] = frozenset({"yes_no", "either_or", "count", "colour"})
"""Kinds with one short answer. Of a free one ("on the beach, near a dog") some may be right, so it is shown as not sure."""
Level = Literal["sure", "fairly_sure", "not_sure"]
CERTAINTY = "certainty"
"""Its name in a model file's calibration."""
ASKS_WHETHER_THERE = re.compile(r"(?:is|are) there\b|(?:can|do) you see\b|does (?:the|this) (?:image|photo|picture) show\b")
OWN_SIGNALS: frozenset[QuestionKind] = frozenset({"describe", "either_or"})
"""Kinds whose curves take another signal than those of all others, so that none of these serves them."""
OTHER_YES_NO = "yes_no: other questions"
DIGITS = 4
"""Of a certainty; it is known to a few hundredths at best."""
POOLED = "all"
"""The curve of kinds that have none of their own, because too few questions of theirs were asked."""


def level_of(certainty: float) -> Level:
    """How a certainty is said."""
    if certainty >= SURE_FROM:
        return "sure"
    return "fairly_sure" if certainty >= FAIRLY_SURE_FROM else "not_sure"


def is_held_back(kind: QuestionKind | None, certainty: float | None) -> bool:
    """Whether an answer is shown only to those who ask for the guess."""
    return kind in HELD_BACK_KINDS and certainty is not None and certainty < DECLINED_BELOW


def curve_name(kind: QuestionKind, answer: str, question: str) -> str:
    """The curve for an answer to a question of this kind. question: as the model was given it."""
    if kind != "yes_no":
        return kind
    return f"{kind}: {answer}" if ASKS_WHETHER_THERE.match(question.lower()) else OTHER_YES_NO


def signal_of(kind: QuestionKind, log_probability: float, *, tokens: int, log_share: float | None) -> float | None:
    """What the curves take: the log-probability of the whole answer, of a description that of its average token, and of one of
    the choices that a question offers its part of the probability of all choices (see ChosenToken.log_share); None where that
    isn't known.
    """
    if kind == "either_or":
        return log_share
    return log_probability / tokens if kind == "describe" else log_probability


@dataclass(frozen=True)
class CertaintyCurve:
    """Rises with the model's own probability, straight between its points, level beyond them."""

    signals: tuple[float, ...]
    """See signal_of; rising."""
    shares: tuple[float, ...]
    """Of right answers where the signal is so high, in [0, 1]; never falling."""
    questions: int
    """By which it was measured."""

    def __post_init__(self) -> None:
        require(len(self.signals) == len(self.shares) > 0, "a certainty curve needs as many signals as shares")
        require(all(a < b for a, b in pairwise(self.signals)), "a certainty curve's signals must rise")
        require(all(a <= b for a, b in pairwise(self.shares)), "a certainty curve must not fall")
        require(all(0 <= share <= 1 for share in self.shares), "a certainty curve's shares must be in [0, 1]")

    def at(self, signal: float) -> float:
        """The share of answers that are right, in [0, 1]."""
        after = bisect_right(self.signals, signal)
        if after in (0, len(self.signals)):
            return self.shares[0 if after == 0 else -1]
        (low, high), (below, above) = self.signals[after - 1 : after + 1], self.shares[after - 1 : after + 1]
        return below + (above - below) * (signal - low) / (high - low)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"signals": list(self.signals), "shares": list(self.shares), "questions": self.questions}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        return cls(tuple(map(float, values["signals"])), tuple(map(float, values["shares"])), int(values["questions"]))


@dataclass(frozen=True)
class MeasuredCertainty:
    """What is known of a model's certainty, as its file has it."""

    data: tuple[str, ...]
    """Names of the photos' collections."""
    photos: int
    questions: int
    curves: Mapping[str, CertaintyCurve]
    """By curve_name; the one that is named POOLED is for all other questions."""
    spin: SpinConfig | None = None
    """The setting of SPIN under which it was measured."""
    figures: Mapping[str, float] = field(default_factory=dict[str, float])
    """What the certainty is worth on the photos that didn't make the curves, for people to read."""

    def __post_init__(self) -> None:
        require(POOLED in self.curves, "a measured certainty needs a curve for all kinds of questions")

    def of(self, kind: QuestionKind, question: str, answer: str, signal: float) -> float | None:
        """How likely an answer is right; None where that wasn't measured for its kind, and no other curve is for its signal.

        question: as the model was given it; signal: see signal_of.
        """
        curve = self.curves.get(curve_name(kind, answer, question), None if kind in OWN_SIGNALS else self.curves[POOLED])
        return None if curve is None else round(curve.at(signal), DIGITS)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "data": list(self.data), "photos": self.photos, "questions": self.questions,
            "spin": None if self.spin is None else self.spin.to_dict(), "figures": dict(self.figures),
            "curves": {name: curve.to_dict() for name, curve in self.curves.items()},
        }

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Raises ConfigError for anything that isn't one; the file may come from elsewhere."""
        try:
            spin, figures = values["spin"], cast("dict[str, Any]", values["figures"])
            return cls(
                tuple(map(str, values["data"])), int(values["photos"]), int(values["questions"]),
                {str(name): CertaintyCurve.from_dict(curve) for name, curve in values["curves"].items()},
                None if spin is None else SpinConfig.from_dict(spin),
                {str(name): float(value) for name, value in figures.items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(f"the measured certainty can't be read: {error!r}") from error


def certainty_in(calibration: Mapping[str, Any] | None) -> MeasuredCertainty | None:
    """What a model file's calibration says of its certainty; None where it was never measured or can't be read."""
    if calibration is None or CERTAINTY not in calibration:
        return None
    try:
        return MeasuredCertainty.from_dict(calibration[CERTAINTY])
    except ConfigError:
        return None
