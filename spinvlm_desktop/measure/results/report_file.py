"""A finished measurement as its files tell it. What is absent or damaged is left out; Qt-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from core.config import SpinConfig
from core.errors import ConfigError

SCORES = ("chair_i", "chair_s", "recall", "cider_d")
ALL_STRATEGIES = "all"
GROUPS = ("all_heads", "kept", "suppressed", "overlay", "shuffled")
"""Of heads, whose pointing is told."""
PHOTOS = "photos"
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Interval:
    """A score and where it would lie with other photos of the same sort (95 %)."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return cls(float(values["value"]), float(values["low"]), float(values["high"]))

    def in_words(self) -> str:
        return f"{self.value:.1f} ({self.low:.1f}–{self.high:.1f})"


@dataclass(frozen=True)
class MeasuredRow:
    """One setting of head suppression, or another method."""

    name: str
    spin: SpinConfig | None
    other_method: bool
    """Whether it isn't head suppression, so that the chat can't do it."""
    scores: Mapping[str, Interval]
    """By name: see SCORES."""
    words: float | None
    """In a caption."""
    ms_per_token: float | None

    @property
    def usable_in_chat(self) -> bool:
        return not self.other_method


@dataclass(frozen=True)
class ProbeRow:
    """Yes/no questions under one setting."""

    name: str
    strategies: Mapping[str, Numbers]
    """How the absent objects were chosen -> accuracy, f1, yes_rate, invalid, count ..."""
    intervals: Mapping[str, Interval]


@dataclass(frozen=True)
class Pointing:
    """Whether attention falls into the box of the word's phrase."""

    words: int
    chance: Numbers
    """hit, mass"""
    groups: Mapping[str, Mapping[str, Interval]]
    """See GROUPS -> hit, mass"""
    heads: tuple[tuple[Numbers, ...], ...]
    """[layers][heads] -> hit, mass"""


@dataclass(frozen=True)
class Report:
    """All that was measured of one model."""

    verdict: str
    rows: tuple[MeasuredRow, ...]
    """SPIN off first."""
    people: Numbers
    chance: Numbers
    calibrated: str
    """Name of the best setting."""
    photos: int
    question: str
    """That captions answer."""
    model_hash: str
    probes: tuple[ProbeRow, ...] = ()
    pointing: Pointing | None = None
    layers: int = 0
    """Of the model; 0 where an older report doesn't tell."""
    heads: int = 0

    def row(self, name: str) -> MeasuredRow | None:
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True)
class Invented:
    """Words of a caption that name an object which nobody saw."""

    start: int
    end: int
    object: str


@dataclass(frozen=True)
class JudgedCaption:
    """What a model said of a photo, and what of it is invented."""

    photo: str
    caption: str
    invented: tuple[Invented, ...]
    found: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeasuredPhoto:
    """A photo with what people said of it."""

    name: str
    path: Path
    captions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReportFolder:
    """The files that `spinvlm evaluate` writes into one folder."""

    path: Path
    _cache: dict[str, Any] = field(default_factory=dict[str, Any], compare=False)

    def report(self) -> Report | None:
        """None where there is none that can be read."""
        try:
            return _report(json.loads((self.path / "report.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def captions(self, setting: str) -> list[JudgedCaption]:
        """Of all photos under one setting."""
        found = self._content("judged.json").get("settings", {})
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            return [_judged(item) for item in found.get(setting, [])]
        return []

    def photos(self) -> dict[str, MeasuredPhoto]:
        """By name; read once."""
        if PHOTOS not in self._cache:
            self._cache[PHOTOS] = {}
            with suppress(KeyError, TypeError, AttributeError):
                self._cache[PHOTOS] = {
                    item["name"]: MeasuredPhoto(item["name"], Path(item["path"]), tuple(map(str, item["captions"])))
                    for item in self._content("photos.json")["photos"]
                }
        return self._cache[PHOTOS]

    def _content(self, name: str) -> dict[str, Any]:
        """A file's content, read once."""
        if name not in self._cache:
            try:
                content = json.loads((self.path / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                content = {}
            self._cache[name] = content if isinstance(content, dict) else {}
        return self._cache[name]


def _report(content: dict[str, Any]) -> Report:
    recipe = cast("dict[str, Any]", content["recipe"])
    return Report(
        verdict=str(content["verdict"]), rows=tuple(_row(row) for row in content["rows"]),
        people=_numbers(content["humans"]), chance=_numbers(content["chance"]), calibrated=str(content["calibrated"]),
        photos=len(recipe["photos"]), question=str(recipe["question"]), model_hash=str(recipe["model"]),
        probes=_probes(content.get("probes")), pointing=_pointing(content.get("pointing")),
        layers=int(recipe.get("layers", 0)), heads=int(recipe.get("heads", 0)),
    )


def _row(values: dict[str, Any]) -> MeasuredRow:
    spin = values.get("spin")
    read: SpinConfig | None = None
    unknown = False
    try:
        read = None if spin is None else SpinConfig.from_dict(spin)
    except ConfigError:
        unknown = True  # of a later version
    words = values["captions"].get("mean_words")
    return MeasuredRow(
        name=str(values["name"]), spin=read, other_method=unknown or bool(values.get("method")),
        scores={name: Interval.of(values["intervals"][name]) for name in SCORES},
        words=None if words is None else float(words), ms_per_token=values.get("ms_per_token"),
    )


def _probes(values: Any) -> tuple[ProbeRow, ...]:
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        return tuple(
            ProbeRow(
                str(row["name"]), {str(name): _numbers(scores) for name, scores in row["by_strategy"].items()},
                {str(name): Interval.of(ends) for name, ends in row.get("intervals", {}).items()},
            )
            for row in [*values["rows"], *([values["blind"]] if "blind" in values else [])]
        )
    return ()


def _pointing(values: Any) -> Pointing | None:
    with suppress(KeyError, TypeError, ValueError, AttributeError):
        groups = {name: values[name] for name in GROUPS if isinstance(values.get(name), dict)}
        return Pointing(
            int(values["words"]), _numbers(values["chance"]),
            {name: {score: Interval.of(ends) for score, ends in scores.items()} for name, scores in groups.items()},
            tuple(tuple(_numbers(head) for head in layer) for layer in values["heads"]),
        )
    return None


def _judged(item: dict[str, Any]) -> JudgedCaption:
    return JudgedCaption(
        str(item["photo"]), str(item["caption"]),
        tuple(Invented(int(part["start"]), int(part["end"]), str(part["object"])) for part in item["invented"]),
        tuple(map(str, item.get("found", ()))), tuple(map(str, item.get("missed", ()))),
    )


def _numbers(values: Mapping[str, Any]) -> Numbers:
    return {str(name): float(value) for name, value in values.items() if isinstance(value, int | float)}
