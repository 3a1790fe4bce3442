"""What the report of a measurement says, as it is written and read again. Torch-free, for whoever shows it.

Reports of earlier versions can be read: what they lack is absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self, cast

from core.config import SpinConfig
from core.errors import ConfigError
from training.evaluation.certainty_record import CertaintyRecord, certainty_record
from training.evaluation.metrics.bootstrap import Interval
from training.evaluation.people_record import PeopleRecord, people_record

REPORT_NAME = "report.json"
AS_IN_CHAT = "SPIN off, as in the chat"
"""Name of the row whose captions are those that the chat shows; all others take the most probable word each time."""
SCORES = ("chair_i", "chair_s", "recall", "cider_d")
"""Of captions, that every setting has with their intervals."""
OTHER_CAPTION = "another photo's caption"
"""What chance scores: captions that people wrote about other photos."""
ALL_STRATEGIES = "all"
POINTING_GROUPS = ("all_heads", "kept", "suppressed", "overlay", "shuffled")
CONFIDENCE = 0.95
"""Of intervals in reports that don't say it."""
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class SettingRow:
    """One setting of head suppression, or another method."""

    name: str
    spin: SpinConfig | None
    """None where SPIN is off, or another method is measured."""
    method: Mapping[str, Any] | None
    """What was done instead of SPIN, or with a SPIN of a later version; the chat can't do it."""
    captions: Numbers
    chair: Numbers
    intervals: Mapping[str, Interval]
    """By name: SCORES, and the gain above SPIN off."""
    ms_per_token: float | None = None

    @property
    def words(self) -> float | None:
        """In a caption."""
        return self.captions.get("mean_words")

    @property
    def as_in_chat(self) -> bool:
        """Whether its captions are made as the chat makes them."""
        return self.name == AS_IN_CHAT

    @property
    def usable_in_chat(self) -> bool:
        return self.method is None

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"name": self.name, "spin": None if self.spin is None else self.spin.to_dict()}
        if self.method is not None:
            found["method"] = dict(self.method)
        found |= {"captions": dict(self.captions), "chair": dict(self.chair), "intervals": _from_intervals(self.intervals)}
        return found if self.ms_per_token is None else {**found, "ms_per_token": self.ms_per_token}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        spin, method = values.get("spin"), values.get("method")
        read: SpinConfig | None = None
        try:
            read = None if spin is None else SpinConfig.from_dict(spin)
        except ConfigError:
            method = spin  # of a later version
        intervals = _to_intervals(values["intervals"])
        if not set(SCORES) <= set(intervals):
            raise KeyError(f"{values['name']} lacks a score")
        return cls(
            str(values["name"]), read, method, _numbers(values["captions"]), _numbers(values.get("chair", {})), intervals,
            values.get("ms_per_token"),
        )


@dataclass(frozen=True)
class ProbeRow:
    """Yes/no questions under one setting."""

    name: str
    by_strategy: Mapping[str, Numbers]
    """How the absent objects were chosen -> accuracy, f1, yes_rate, invalid, count ..."""
    intervals: Mapping[str, Interval]

    def to_dict(self) -> dict[str, Any]:
        strategies = {name: dict(scores) for name, scores in self.by_strategy.items()}
        return {"name": self.name, "by_strategy": strategies, "intervals": _from_intervals(self.intervals)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        strategies = {str(name): _numbers(scores) for name, scores in values["by_strategy"].items()}
        return cls(str(values["name"]), strategies, _to_intervals(values.get("intervals", {})))


@dataclass(frozen=True)
class Probes:
    """Yes/no questions under all settings, SPIN off first."""

    rows: tuple[ProbeRow, ...]
    blind: ProbeRow | None
    """With another photo."""

    @property
    def all_rows(self) -> tuple[ProbeRow, ...]:
        """With another photo at the end, where that was asked."""
        return self.rows if self.blind is None else (*self.rows, self.blind)

    def to_dict(self) -> dict[str, Any]:
        blind = {} if self.blind is None else {"blind": self.blind.to_dict()}
        return {"rows": [row.to_dict() for row in self.rows], **blind}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        blind = values.get("blind")
        rows = tuple(ProbeRow.from_dict(row) for row in values["rows"])
        return cls(rows, None if blind is None else ProbeRow.from_dict(blind))


@dataclass(frozen=True)
class Pointing:
    """Whether attention falls into the box of the word's phrase."""

    words: int
    keep: int | None
    """Heads that SPIN would keep in a layer; None where the report doesn't say."""
    chance: Numbers
    """hit, mass"""
    groups: Mapping[str, Mapping[str, Interval]]
    """See POINTING_GROUPS -> hit, mass"""
    heads: tuple[tuple[Numbers, ...], ...]
    """[layers][heads] -> hit, mass"""

    def to_dict(self) -> dict[str, Any]:
        keep = {} if self.keep is None else {"keep": self.keep}
        return {
            "words": self.words, **keep, "chance": dict(self.chance),
            **{name: _from_intervals(scores) for name, scores in self.groups.items()},
            "heads": [[dict(head) for head in layer] for layer in self.heads],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        groups = {name: values[name] for name in POINTING_GROUPS if isinstance(values.get(name), dict)}
        return cls(
            int(values["words"]), values.get("keep"), _numbers(values["chance"]),
            {name: _to_intervals(scores) for name, scores in groups.items()},
            tuple(tuple(_numbers(head) for head in layer) for layer in values["heads"]),
        )


@dataclass(frozen=True)
class Report:
    """All that was measured of one model."""

    recipe: Mapping[str, Any]
    """How it was measured: photos, question, model ..."""
    verdict: str
    rows: tuple[SettingRow, ...] = ()
    """SPIN off first."""
    people: Numbers = field(default_factory=dict[str, float])
    """Empty where captions weren't measured."""
    chance: Numbers = field(default_factory=dict[str, float])
    """Another photo's caption; likewise."""
    calibrated: str | None = None
    """Name of the best setting."""
    calibration: Mapping[str, Any] | None = None
    """How it was chosen."""
    probes: Probes | None = None
    pointing: Pointing | None = None
    certainty: CertaintyRecord | None = None
    questions: PeopleRecord | None = None
    """That people asked."""

    @property
    def photos(self) -> int:
        return len(self.recipe["photos"])

    @property
    def question(self) -> str:
        """That captions answer."""
        return str(self.recipe["question"])

    @property
    def model_hash(self) -> str:
        return str(self.recipe["model"])

    @property
    def layers(self) -> int:
        """Of the model; 0 where an older report doesn't say."""
        return int(self.recipe.get("layers", 0))

    @property
    def heads(self) -> int:
        """In each layer; 0 where an older report doesn't say."""
        return int(self.recipe.get("heads", 0))

    @property
    def probe_rows(self) -> tuple[ProbeRow, ...]:
        """All there are, with another photo at the end."""
        return () if self.probes is None else self.probes.all_rows

    def row(self, name: str) -> SettingRow | None:
        return next((row for row in self.rows if row.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        parts = {name: None if part is None else part.to_dict()
                 for name, part in (("probes", self.probes), ("pointing", self.pointing), ("certainty", self.certainty),
                                   ("questions", self.questions))}
        parts["calibration"] = None if self.calibration is None else dict(self.calibration)
        return {
            "recipe": dict(self.recipe), "rows": [row.to_dict() for row in self.rows],
            "humans": dict(self.people) or None, "chance": dict(self.chance) or None, "calibrated": self.calibrated,
            **{name: part for name, part in parts.items() if part is not None}, "verdict": self.verdict,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises ConfigError for anything that isn't a report; parts beside the captions that are damaged are left out."""
        with as_config_error():
            calibrated, recipe = values["calibrated"], cast("dict[str, Any]", values["recipe"])
            report = cls(
                recipe, str(values["verdict"]), tuple(SettingRow.from_dict(row) for row in values["rows"]),
                _numbers(values["humans"] or {}), _numbers(values["chance"] or {}),
                None if calibrated is None else str(calibrated), values.get("calibration"), _probes(values.get("probes")),
                _pointing(values.get("pointing")), certainty_record(values.get("certainty")),
                people_record(values.get("questions")),
            )
            _ = report.photos, report.question, report.model_hash, report.layers, report.heads
            return report


@contextmanager
def as_config_error() -> Iterator[None]:
    """Raises ConfigError for whatever a reader of a file meets that holds something else."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"the report can't be read: {error!r}") from error


def _probes(values: Any) -> Probes | None:
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        return Probes.from_dict(values)
    return None


def _pointing(values: Any) -> Pointing | None:
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        return Pointing.from_dict(values)
    return None


def _to_intervals(values: Mapping[str, Any]) -> dict[str, Interval]:
    return {
        str(name): Interval(
            float(ends["value"]), float(ends["low"]), float(ends["high"]), float(ends.get("confidence", CONFIDENCE))
        )
        for name, ends in values.items()
    }


def _from_intervals(intervals: Mapping[str, Interval]) -> dict[str, Any]:
    return {name: interval.to_dict() for name, interval in intervals.items()}


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): value for name, value in values.items() if isinstance(value, int | float)}
