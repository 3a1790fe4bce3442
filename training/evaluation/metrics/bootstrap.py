"""How much of a score is the luck of which photos were in the split: the percentile bootstrap.

Source: Efron 1979, "Bootstrap methods: another look at the jackknife".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.config import SettingsRecord, require

FloatArray = NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]
"""From R resamples, [R, N] or [R, N, C] as the values are, to the R statistics, [R]."""

VALUES_AT_ONCE = 4_000_000
"""Resampled values held in memory at a time: 32 MB."""


@dataclass(frozen=True)
class Interval(SettingsRecord):
    """A statistic and where it would lie, had other photos of the same sort been drawn."""

    value: float
    """The statistic of the values themselves."""
    low: float
    high: float
    confidence: float
    """Share of the resamples whose statistic lies between `low` and `high`."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or ValueError for what isn't one."""
        return cls(*(float(values[name]) for name in ("value", "low", "high", "confidence")))


def row_means(rows: FloatArray) -> FloatArray:
    """The statistic of a mean score: [R, N] -> [R]."""
    return rows.mean(axis=1)


def bootstrap_interval(
    values: FloatArray | Sequence[float] | Sequence[Sequence[float]], statistic: Statistic, *, seed: int,
    samples: int = 1000, confidence: float = 0.95,
) -> Interval:
    """The statistic of `values` with a percentile interval from `samples` resamples with replacement.

    values: [N] or [N, C], one row per **photo**. Questions about one photo are not independent, so their counts belong
    into one row; two conditions are compared by the rows of their differences. The same seed gives the same interval.
    Raises ConfigError for no values, values that are not finite, or settings out of range.
    """
    table = np.asarray(values, dtype=np.float64)
    require(table.ndim in (1, 2) and len(table) > 0, f"a bootstrap needs values [N] or [N, C], got shape {table.shape}")
    require(bool(np.isfinite(table).all()), "a bootstrap needs finite values")
    require(samples >= 1, f"samples must be at least 1, got {samples}")
    require(0 < confidence < 1, f"confidence must be between 0 and 1, got {confidence}")
    chance = np.random.default_rng(seed)
    at_once = max(1, VALUES_AT_ONCE // table.size)
    drawn = [
        _statistics(statistic, table[chance.integers(len(table), size=(min(at_once, samples - start), len(table)))])
        for start in range(0, samples, at_once)
    ]
    tail = (1 - confidence) / 2
    low, high = np.quantile(np.concatenate(drawn), (tail, 1 - tail))
    return Interval(float(_statistics(statistic, table[np.newaxis])[0]), float(low), float(high), confidence)


def _statistics(statistic: Statistic, rows: FloatArray) -> FloatArray:
    found = np.asarray(statistic(rows), dtype=np.float64)
    require(found.shape == (len(rows),), f"the statistic of {len(rows)} resamples must have as many, got {found.shape}")
    return found
