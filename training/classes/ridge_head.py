"""A linear head by ridge regression on the classes: its weights, and what it says of photos that it hasn't learnt from.

Leaving photos out of a ridge regression has a closed form, so that every strength of the penalty is judged on photos that had no
part in it, at the price of one decomposition. Classes count alike, however many photos they have.
N photos, C features, K classes, R = min(N, C).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.classes.class_question import ClassHead, log_softmax

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
PENALTIES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""As parts of the photos' mean squared distance from their middle."""
TEMPERATURES = np.geomspace(0.01, 3.0, 60)
SMALLEST = 1e-12


@dataclass(frozen=True)
class Decomposition:
    """The photos around their middle, weighted so that classes count alike."""

    mean: Array
    """[C]"""
    roots: Array
    """[N] square roots of the photos' weights, which add up to N."""
    left: Array
    """[N, R]"""
    squares: Array
    """[R] squared singular values."""
    centred: Array
    """[N, C], weighted."""
    targets: Array
    """[N, K], weighted and without their mean."""


def fit_head(features: Array, classes: Indices, *, count: int, groups: Indices) -> ClassHead:
    """features: [N, C]; classes: [N] of `count` classes, each there; groups: [N], photos of one number are left out together.

    The penalty and the temperature are those under which photos that are left out are judged best. Its least_fit and curve are
    left open.
    """
    parts = decompose(features, classes, count)
    scale = float(parts.squares.sum()) / len(features)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    judged = [(*_best_temperature(left_out_scores(parts, penalty * scale, members, classes, count), classes, parts.roots**2),
               penalty * scale) for penalty in PENALTIES]
    _, temperature, penalty = min(judged)
    shrunk = parts.left.T @ parts.targets / (parts.squares + penalty)[:, None]  # [R, K]
    weights = parts.centred.T @ (parts.left @ shrunk)  # [C, K]
    return ClassHead(
        parts.mean.astype(np.float32), weights.astype(np.float32), np.full(count, 1 / count, dtype=np.float32),
        class_directions(features - parts.mean, classes, count).astype(np.float32), temperature, -np.inf,
    )


def class_directions(centred: Array, classes: Indices, count: int) -> Array:
    """[C, K] from the middle of all to the middle of each class, of length 1. centred: [N, C]"""
    middles = np.stack([centred[classes == index].mean(axis=0) for index in range(count)], axis=1)
    return middles / np.maximum(np.linalg.norm(middles, axis=0, keepdims=True), SMALLEST)


def decompose(features: Array, classes: Indices, count: int) -> Decomposition:
    """features: [N, C]; classes: [N]"""
    photos, width = features.shape
    weights = photos / (count * np.bincount(classes, minlength=count)[classes])  # [N]
    roots = np.sqrt(weights)
    mean = weights @ features / photos
    centred = roots[:, None] * (features - mean)
    targets = roots[:, None] * (np.eye(count)[classes] - 1 / count)
    if photos <= width:
        squares, left = np.linalg.eigh(centred @ centred.T)
    else:
        squares, right = np.linalg.eigh(centred.T @ centred)
        left = centred @ right / np.sqrt(np.maximum(squares, SMALLEST))
    kept = squares > squares.max(initial=0.0) * 1e-10 + SMALLEST
    return Decomposition(mean, roots, left[:, kept], squares[kept], centred, targets)


def left_out_scores(
    parts: Decomposition, penalty: float, members: Sequence[Indices], classes: Indices, count: int
) -> Array:
    """[N, K]: what a head says of each photo that was made without its group."""
    shrunk = parts.squares / (parts.squares + penalty)  # [R]
    residuals = parts.targets - parts.left @ (shrunk[:, None] * (parts.left.T @ parts.targets))  # [N, K]
    constant = parts.roots / np.sqrt(len(parts.roots))  # the intercept's part, which isn't penalised
    errors = np.empty_like(residuals)
    for group in members:
        left = parts.left[group]
        hat = (left * shrunk) @ left.T + np.outer(constant[group], constant[group])
        errors[group] = np.linalg.lstsq(np.eye(len(group)) - hat, residuals[group], rcond=None)[0]
    return np.eye(count)[classes] - errors / parts.roots[:, None]


def _best_temperature(scores: Array, classes: Indices, weights: Array) -> tuple[float, float]:
    """(mean loss of the right class, temperature)"""
    rows = np.arange(len(classes))
    losses = [
        (float(-(weights * log_softmax(scores / temperature)[rows, classes]).mean()), float(temperature))
        for temperature in TEMPERATURES
    ]
    return min(losses)
