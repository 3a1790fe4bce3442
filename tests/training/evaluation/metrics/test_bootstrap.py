from __future__ import annotations

import numpy as np
import pytest

from core.errors import ConfigError
from training.evaluation.metrics import bootstrap
from training.evaluation.metrics.bootstrap import Interval, bootstrap_interval, row_means
from training.evaluation.sweep.sweep_rows import shares


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(1).normal(10, 2, size=400)
    found = bootstrap_interval(values, row_means, seed=0, samples=4000)
    half = 1.96 * values.std() / np.sqrt(400)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.03)
    assert found.high == pytest.approx(values.mean() + half, abs=0.03)


def test_more_confidence_is_wider() -> None:
    values = np.arange(50.0)
    narrow, wide = (bootstrap_interval(values, row_means, seed=0, confidence=share) for share in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert (narrow.confidence, wide.confidence) == (0.5, 0.99)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(2).random(30)
    first = bootstrap_interval(values, row_means, seed=5)
    assert bootstrap_interval(values, row_means, seed=5) == first
    assert bootstrap_interval(values, row_means, seed=6) != first
    assert Interval.from_dict(first.to_dict()) == first


def test_rows_of_counts_are_drawn_as_one() -> None:
    asked_and_right = [(3.0, 4.0), (0.0, 1.0), (2.0, 2.0)] * 20
    found = bootstrap_interval(asked_and_right, shares, seed=0)
    assert found.value == pytest.approx(5 / 7)
    assert 0.5 < found.low < 5 / 7 < found.high < 0.9
    # Were the columns drawn by themselves, photos with nothing but right answers would not give exactly 1.
    sure = bootstrap_interval([(1.0, 1.0), (4.0, 4.0)] * 10, shares, seed=0)
    assert (sure.low, sure.value, sure.high) == (1.0, 1.0, 1.0)


def test_all_samples_are_drawn_where_memory_holds_few(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(rows: bootstrap.FloatArray) -> bootstrap.FloatArray:
        drawn.append(len(rows))
        return row_means(rows)

    monkeypatch.setattr(bootstrap, "VALUES_AT_ONCE", 70)
    found = bootstrap_interval(np.arange(10.0), counted, seed=0, samples=100)
    assert max(drawn) == 7
    assert sum(drawn) == 100 + 1  # and once the values themselves
    assert found.low < 4.5 < found.high


@pytest.mark.parametrize(
    ("values", "settings"),
    [
        ([], {}), ([1.0, float("nan")], {}), ([1.0], {"samples": 0}), ([1.0], {"confidence": 1.0}),
        (np.zeros((2, 2, 2)), {}), ([[1.0, 2.0], [3.0, 4.0]], {}),
    ],
)
def test_what_has_no_interval_is_refused(values: list[float], settings: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        bootstrap_interval(values, row_means, seed=0, **settings)  # type: ignore[arg-type]
