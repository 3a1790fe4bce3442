"""Time left follows the recent pace, and is put into words."""

from __future__ import annotations

import pytest

from training.run.time_left import MEMORY_S, TimeLeft, duration


def test_time_left_follows_the_pace() -> None:
    left = TimeLeft()
    assert left.seconds(0.0, 0, 100) is None
    assert left.seconds(10.0, 10, 100) == pytest.approx(90)
    assert left.seconds(10.5, 10, 100) == pytest.approx(90), "nothing was done meanwhile"
    faster = left.seconds(20.0, 30, 100)
    assert faster is not None
    assert 10 / 20 * 70 < faster < 20 / 30 * 70, "the latest counts most"
    assert left.seconds(21.0, 0, 50) is None, "another stage"


def test_what_was_slow_a_while_ago_is_forgotten() -> None:
    left = TimeLeft()
    left.seconds(0.0, 0, 2000)
    assert left.seconds(100.0, 10, 2000) == pytest.approx(10 * 1990)
    found = None
    for done in range(11, 1001):
        found = left.seconds(100.0 + (done - 10) * 10 * MEMORY_S / 990, done, 2000)
    assert found == pytest.approx(1000 * 10 * MEMORY_S / 990, rel=0.01)


def test_a_rough_time_in_words() -> None:
    assert [duration(seconds) for seconds in (3, 42, 100, 3700)] == ["less than a minute", "1 min", "2 min", "1 h 2 min"]
