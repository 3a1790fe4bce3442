"""What a certainty is worth: how well it agrees with the share of right answers, and how well it tells right from wrong.

Risk and coverage: El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification"; the area under their
curve (AURC) as in Geifman et al. 2019, arXiv 1805.08206. Calibration error: Naeini et al. 2015, with bins of equal mass; what
chance alone makes of it, since few answers to a bin never come out exactly as they should: Kumar et al. 2019, arXiv 1909.10155,
and Roelofs et al. 2022, arXiv 2012.08668.

Shapes: Q answers, R draws, G different certainties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.metrics.bootstrap import Interval

FloatArray = NDArray[np.float64]
BINS = 10
RESAMPLES = 400
CONFIDENCE = 0.95
CURVE_POINTS = 40
"""Of a risk-coverage curve, at most."""


@dataclass(frozen=True)
class JudgedAnswers:
    """Answers with their certainty, and how right they are."""

    photos: NDArray[np.int64]
    """[Q] the photo of each: answers about one photo aren't independent."""
    certainties: FloatArray
    """[Q] in [0, 1]"""
    rights: FloatArray
    """[Q] from 0, wrong, to 1"""

    def __len__(self) -> int:
        return len(self.rights)

    def where(self, chosen: NDArray[np.bool_]) -> JudgedAnswers:
        """chosen: [Q]"""
        return JudgedAnswers(self.photos[chosen], self.certainties[chosen], self.rights[chosen])


Statistic = Callable[[JudgedAnswers, FloatArray], FloatArray]
"""From Q answers and how often each of R draws takes each, [R, Q], to the R figures."""


def accuracy(answers: JudgedAnswers, weights: FloatArray) -> FloatArray:
    """Share of right answers."""
    return weights @ answers.rights / _totals(weights)


def calibration_error(answers: JudgedAnswers, weights: FloatArray) -> FloatArray:
    """How far certainty and share of right answers lie apart, averaged over bins of as many answers each (ECE)."""
    order = np.argsort(answers.certainties, kind="stable")
    gaps = weights[:, order] * (answers.certainties - answers.rights)[order]  # [R, Q]
    starts = np.linspace(0, len(order), min(BINS, len(order)) + 1).astype(int)[:-1]
    return np.abs(np.add.reduceat(gaps, starts, axis=1)).sum(axis=1) / _totals(weights)


def chance_error(answers: JudgedAnswers, *, seed: int) -> float:
    """The calibration error that these certainties have on average where each is exactly the chance that its answer is right."""
    drawn = np.random.default_rng(seed).random((RESAMPLES, len(answers))) < answers.certainties  # [R, Q]
    once = np.ones((1, len(answers)))
    found = [
        calibration_error(JudgedAnswers(answers.photos, answers.certainties, rights.astype(np.float64)), once)[0]
        for rights in drawn
    ]
    return float(np.mean(found))


def area_under_risk(answers: JudgedAnswers, weights: FloatArray) -> FloatArray:
    """Mean share of wrong answers while one after another is given, the most certain first (AURC); lower is better."""
    _, covered, wrong = _cumulated(answers, weights)
    steps = np.diff(covered, axis=1, prepend=0.0)
    return (wrong / np.maximum(covered, 1e-9) * steps).sum(axis=1) / _totals(weights)


def separation(answers: JudgedAnswers) -> float:
    """How often a right answer is the more certain one of a right and a wrong one (AUROC); 0.5 is chance."""
    _, given, wrong = _cumulated(answers, np.ones((1, len(answers))))
    wrongs = np.diff(wrong[0], prepend=0.0)  # [G] at each certainty, the highest first
    rights = np.diff(given[0], prepend=0.0) - wrongs
    after = wrong[0, -1] - wrong[0] + wrongs / 2
    return float(rights @ after / max(rights.sum() * wrongs.sum(), 1e-9))


def _totals(weights: FloatArray) -> FloatArray:
    return np.maximum(weights.sum(axis=1), 1e-9)


def _cumulated(answers: JudgedAnswers, weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The G certainties that occur, the highest first; answers given down to each, [R, G], and wrong ones of them."""
    order = np.argsort(-answers.certainties, kind="stable")
    values, starts = np.unique(-answers.certainties[order], return_index=True)
    drawn = weights[:, order]
    given, wrong = (
        np.cumsum(np.add.reduceat(part, starts, axis=1), axis=1) for part in (drawn, drawn * (1 - answers.rights[order]))
    )
    return -values, given, wrong


def risk_curve(answers: JudgedAnswers) -> list[tuple[float, float, float]]:
    """(certainty, coverage, share of right answers among those given) where answers of at least that certainty are given."""
    values, covered, wrong = _cumulated(answers, np.ones((1, len(answers))))
    chosen = np.unique(np.linspace(0, len(values) - 1, min(CURVE_POINTS, len(values))).round().astype(int))
    return [
        (float(values[place]), float(covered[0, place] / len(answers)), float(1 - wrong[0, place] / covered[0, place]))
        for place in chosen
    ]


def interval(answers: JudgedAnswers, statistic: Statistic, *, seed: int) -> Interval:
    """The figure with a percentile interval over photos drawn with replacement."""
    own, drawn = (statistic(answers, weights) for weights in _weights(answers.photos, seed=seed))
    return _interval(float(own[0]), drawn)


def difference(first: JudgedAnswers, second: JudgedAnswers, statistic: Statistic, *, seed: int) -> Interval:
    """How much higher a figure is of the second answers than of the first, to the same questions in the same order."""
    own, drawn = (
        statistic(second, weights) - statistic(first, weights) for weights in _weights(first.photos, seed=seed)
    )
    return _interval(float(own[0]), drawn)


def _weights(photos: NDArray[np.int64], *, seed: int) -> tuple[FloatArray, FloatArray]:
    """Every answer once, [1, Q], and how often each is drawn where whole photos are drawn with replacement, [R, Q]."""
    _, group = np.unique(photos, return_inverse=True)
    number = int(group.max()) + 1
    chance = np.random.default_rng(seed)
    drawn = [np.bincount(chance.integers(number, size=number), minlength=number)[group] for _ in range(RESAMPLES)]
    return np.ones((1, len(photos))), np.array(drawn, dtype=np.float64)


def _interval(value: float, drawn: FloatArray) -> Interval:
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, (tail, 1 - tail))
    return Interval(value, float(low), float(high), CONFIDENCE)
