"""What a certainty is worth, on answers small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.evaluation.certainty.risk_coverage import (
    JudgedAnswers,
    accuracy,
    area_under_risk,
    calibration_error,
    chance_error,
    difference,
    interval,
    risk_curve,
    separation,
)


def judged(certainties: list[float], rights: list[float], photos: list[int] | None = None) -> JudgedAnswers:
    return JudgedAnswers(np.array(photos or range(len(rights))), np.array(certainties), np.array(rights))


FOUR = judged([0.9, 0.6, 0.7, 0.2], [1, 0, 1, 0.5])
ONCE = np.ones((1, 4))


def test_figures_of_four_answers_are_those_that_one_counts() -> None:
    assert accuracy(FOUR, ONCE)[0] == pytest.approx(2.5 / 4)
    assert calibration_error(FOUR, ONCE)[0] == pytest.approx((0.1 + 0.6 + 0.3 + 0.3) / 4)
    assert area_under_risk(FOUR, ONCE)[0] == pytest.approx((0 + 0 + 1 / 3 + 1.5 / 4) / 4)
    assert separation(FOUR) == pytest.approx((1.5 + 1.5 + 0.5 * 0.25) / (2.5 * 1.5))


def test_an_answer_drawn_twice_counts_twice() -> None:
    twice = judged([0.9, 0.6, 0.6, 0.7, 0.2], [1, 0, 0, 1, 0.5])
    weights = np.array([[1.0, 2.0, 1.0, 1.0]])
    for statistic in (accuracy, area_under_risk):
        assert statistic(FOUR, weights)[0] == pytest.approx(statistic(twice, np.ones((1, 5)))[0])


def test_order_says_nothing_among_equally_certain_answers() -> None:
    first, second = judged([0.5] * 4, [1, 1, 0, 0]), judged([0.5] * 4, [0, 1, 0, 1])
    assert area_under_risk(first, ONCE)[0] == area_under_risk(second, ONCE)[0] == pytest.approx(0.5)
    assert separation(first) == separation(second) == 0.5


def test_a_risk_curve_begins_with_the_most_certain_and_ends_with_all() -> None:
    points = risk_curve(FOUR)
    assert points[0] == pytest.approx((0.9, 0.25, 1.0))
    assert points[-1] == pytest.approx((0.2, 1.0, 0.625))
    assert [covered for _, covered, _ in points] == sorted(covered for _, covered, _ in points)


def test_intervals_hold_the_figure_and_answers_of_one_photo_come_together() -> None:
    draw = np.random.default_rng(3)
    rights = (draw.random(400) < 0.7).astype(float)
    apart = judged([0.7] * 400, rights.tolist())
    together = judged([0.7] * 400, np.repeat(rights[:40], 10).tolist(), np.repeat(np.arange(40), 10).tolist())
    narrow, wide = interval(apart, accuracy, seed=0), interval(together, accuracy, seed=0)
    assert narrow.low < narrow.value < narrow.high
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_difference_is_of_the_second_over_the_first() -> None:
    better = judged([0.9, 0.6, 0.7, 0.2], [1, 1, 1, 0.5])
    found = difference(FOUR, better, accuracy, seed=0)
    assert found.value == pytest.approx(0.25)
    assert found.low >= 0


def test_certainties_that_are_exactly_right_lie_apart_by_chance_as_far_as_few_answers_do() -> None:
    draw = np.random.default_rng(5)
    many, few = draw.random(4000), draw.random(200)
    floors = [chance_error(judged(values.tolist(), [1.0] * len(values)), seed=1) for values in (many, few)]
    right = judged(few.tolist(), (draw.random(200) < few).astype(float).tolist())
    assert floors[1] == pytest.approx(floors[0] * 20**0.5, rel=0.1)
    assert calibration_error(right, np.ones((1, 200)))[0] == pytest.approx(floors[1], rel=0.5)
    assert chance_error(judged([1.0] * 50, [0.0] * 50), seed=1) == 0
