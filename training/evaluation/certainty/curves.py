"""Curves that turn the model's own probability of an answer into the share of answers that are right.

Isotonic regression (Zadrozny and Elkan 2002), smoothed by bagging (Breiman 1996), and a logistic curve (Platt 1999). Shapes:
Q answers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.certainty import CertaintyCurve

FloatArray = NDArray[np.float64]
LOGISTIC_POINTS = 17
"""At which a logistic curve is kept, at even shares of the answers."""
RESAMPLES = 25
"""Whose isotonic curves are averaged."""
SMOOTH_POINTS = 33
"""At which their average is kept, at even shares of the answers."""
STEPS = 50
SHRINKAGE = 0.5
"""How far a slope is drawn to 0, in answers: few of them, which may fall apart cleanly by chance, are to give no steep curve."""
DIGITS = 4


def logistic_curve(signals: FloatArray, rights: FloatArray) -> CertaintyCurve:
    """Two parameters: for kinds with few questions. signals, rights: [Q]"""
    middle, scale = float(signals.mean()), max(float(signals.std()), 1e-6)
    slope, height = _logistic((signals - middle) / scale, rights)
    places = np.unique(np.quantile(signals, np.linspace(0, 1, LOGISTIC_POINTS)).round(DIGITS))
    shares = 1 / (1 + np.exp(-(max(slope, 0.0) * (places - middle) / scale + height)))
    return _curve(places, shares, len(signals))


def isotonic_curve(signals: FloatArray, rights: FloatArray, *, least: int) -> CertaintyCurve:
    """The best curve that never falls, in steps of at least so many answers each. signals, rights: [Q]"""
    order = np.argsort(signals, kind="stable")
    parts = np.array_split(order, max(1, len(order) // least))
    blocks: list[tuple[float, float, int]] = []  # mean signal, mean right, answers
    for part in parts:
        block = float(signals[part].mean()), float(rights[part].mean()), len(part)
        while blocks and blocks[-1][1] >= block[1]:
            block = _joined(blocks.pop(), block)
        blocks.append(block)
    table = np.array(blocks)
    return _curve(table[:, 0], table[:, 1], len(signals))


def smoothed_isotonic_curve(signals: FloatArray, rights: FloatArray, *, least: int) -> CertaintyCurve:
    """The average of isotonic curves of answers drawn with replacement. It has no flat steps whose ends are the luck of a few
    answers, so that it holds better for other photos. signals, rights: [Q]; least: see isotonic_curve."""
    chance = np.random.default_rng(0)
    places = np.unique(np.quantile(signals, np.linspace(0, 1, SMOOTH_POINTS)).round(DIGITS))
    shares = np.zeros(len(places))
    for _ in range(RESAMPLES):
        drawn = chance.integers(len(signals), size=len(signals))
        curve = isotonic_curve(signals[drawn], rights[drawn], least=least)
        shares += np.interp(places, curve.signals, curve.shares) / RESAMPLES
    return _curve(places, shares, len(signals))


def _joined(first: tuple[float, float, int], second: tuple[float, float, int]) -> tuple[float, float, int]:
    count = first[2] + second[2]
    signal, right = ((first[i] * first[2] + second[i] * second[2]) / count for i in (0, 1))
    return signal, right, count


def _logistic(places: FloatArray, rights: FloatArray) -> tuple[float, float]:
    """Slope and height of the likeliest logistic curve, by Newton's method. places: [Q], centred; rights may be parts."""
    table = np.stack([places, np.ones_like(places)], axis=1)  # [Q, 2]
    drawn = np.array([SHRINKAGE / len(places), 1e-3])
    parameters = np.zeros(2)
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-np.clip(table @ parameters, -30, 30)))  # [Q]
        slope = table.T @ (rights - expected) / len(places) - drawn * parameters
        curvature = (table * (expected * (1 - expected))[:, None]).T @ table / len(places) + np.diag(drawn)
        step = np.linalg.solve(curvature, slope)
        parameters = parameters + step
        if float(np.abs(step).max()) < 1e-6:
            break
    return float(parameters[0]), float(parameters[1])


def _curve(places: FloatArray, shares: FloatArray, questions: int) -> CertaintyCurve:
    """With numbers rounded for the model file, and places that are then the same left out."""
    rounded: dict[float, float] = {}
    for place, share in zip(places.round(DIGITS).tolist(), shares.round(DIGITS).tolist(), strict=True):
        rounded[place] = share
    kept = sorted(rounded.items())
    highest = np.maximum.accumulate([share for _, share in kept]).tolist()
    return CertaintyCurve(tuple(place for place, _ in kept), tuple(highest), questions)
