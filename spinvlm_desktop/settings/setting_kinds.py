"""Kinds of settings: what a value must be, as a check and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol


class Kind(Protocol):
    """What a setting can hold."""

    def accepts(self, value: Any) -> bool:
        """Whether this can be the setting's value, whatever a file may hold."""
        ...

    def words(self) -> str:
        """What the value must be, to go on after "must be"."""
        ...


@dataclass(frozen=True)
class Choice:
    """One of several words."""

    options: tuple[tuple[str, str], ...]
    """What is stored, and what is shown for it."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and value in dict(self.options)

    def words(self) -> str:
        return f"one of {', '.join(dict(self.options))}"


@dataclass(frozen=True)
class Whole:
    """A whole number, or none where there is a word for that."""

    low: int
    high: int
    none: str = ""
    """What is shown where no number is set; empty: there must be one."""
    unit: str = ""

    def accepts(self, value: Any) -> bool:
        if value is None:
            return bool(self.none)
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def words(self) -> str:
        return f"a whole number from {self.low} to {self.high}" + (" or nothing" if self.none else "")


@dataclass(frozen=True)
class Number:
    """A number, with two digits behind the point where it is shown."""

    low: float
    high: float

    def accepts(self, value: Any) -> bool:
        right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        return right and self.low <= value <= self.high

    def words(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class HeadsKept:
    """A number of heads, or a share of them."""

    def accepts(self, value: Any) -> bool:
        if isinstance(value, float):
            return 0 < value <= 1
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1

    def words(self) -> str:
        return "a number of heads, or a share of them with a decimal point, above 0.0 and up to 1.0"


@dataclass(frozen=True)
class Switch:
    """On or off."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)

    def words(self) -> str:
        return "true or false"


@dataclass(frozen=True)
class FilePath:
    """A path, or none."""

    def accepts(self, value: Any) -> bool:
        return value is None or isinstance(value, str)

    def words(self) -> str:
        return "a path or nothing"


@dataclass(frozen=True)
class Names:
    """Several names."""

    def accepts(self, value: Any) -> bool:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)

    def words(self) -> str:
        return "a list of names"


@dataclass(frozen=True)
class FilePaths(Names):
    """Several paths."""

    def words(self) -> str:
        return "a list of paths"
