"""What heads say of photos that they haven't learnt from, and how far that can be trusted.

All photos are dealt into folds, near copies together. Each fold is judged by a head that was made of the others alone, its
penalty and temperature too. N photos, C features, K classes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from core.certainty import SURE_FROM, CertaintyCurve
from core.classes.class_results import wilson_interval
from training.classes.ridge_head import Array, Indices, fit_head
from training.evaluation.certainty.curves import isotonic_curve, logistic_curve
from training.evaluation.certainty.fitting import LEAST_BOUND, LEAST_SURE, NOT_QUITE_SURE

FOLDS = 10
TELLS_FROM = 20
"""Photos that have to be judged before anything is said about certainty, or about photos that fit no class."""
OWN_STEPS = 400
"""Photos from which the curve may take any rising shape; with fewer it is a logistic one."""
STEP = 40
"""Photos in each step of it, at least."""
UNFITTING = 0.05
"""Part of the user's own photos that may be declined as fitting no class."""


@dataclass(frozen=True)
class HeldOut:
    """Judged photo by photo, by heads that hadn't learnt from them."""

    said: Indices
    """[N] the class that each was taken for."""
    signals: Array
    """[N] logarithm of that class's share."""
    fits: Array
    """[N] see ClassHead.fit."""


def judge_held_out(features: Array, classes: Indices, *, count: int, groups: Indices, seed: int) -> HeldOut:
    """features: [N, C]; groups: [N], photos of one number stay together; every class needs two groups."""
    folds = deal_folds(classes, groups, seed=seed)
    said, signals, fits = np.zeros(len(classes), dtype=np.int64), np.zeros(len(classes)), np.zeros(len(classes))
    for fold in np.unique(folds):
        taken = folds == fold
        head = fit_head(features[~taken], classes[~taken], count=count, groups=groups[~taken])
        for index in np.flatnonzero(taken):
            photo = features[index].astype(np.float32)
            shares = head.log_shares(photo)
            said[index], signals[index], fits[index] = int(shares.argmax()), float(shares.max()), head.fit(photo)
    return HeldOut(said, signals, fits)


def deal_folds(classes: Indices, groups: Indices, *, seed: int) -> Indices:
    """[N]: the fold of each photo. Each class is dealt out evenly; a group goes where its first photo goes."""
    chance, folds = random.Random(seed), np.full(len(classes), -1, dtype=np.int64)
    number = min(FOLDS, len(np.unique(groups)))
    start = 0
    for index in np.unique(classes):
        own = sorted(set(groups[classes == index].tolist()))
        chance.shuffle(own)
        for group in own:
            members = groups == group
            if (folds[members] < 0).all():
                folds[members] = start % number
                start += 1
    return folds


def least_fit(judged: HeldOut) -> float:
    """Below it a photo fits no class; minus infinity where there are too few photos to tell."""
    return float(np.quantile(judged.fits, UNFITTING)) if len(judged.fits) >= TELLS_FROM else -np.inf


def class_curve(judged: HeldOut, classes: Indices) -> CertaintyCurve | None:
    """How likely the class that is said is right; None where there are too few photos to tell.

    It promises no more than they bear out: with all of N right, (N + 1) / (N + 2); and it is sure only where of at least 20 that
    were as sure nine in ten were right, by more than luck (see LEAST_BOUND).
    """
    rights = (judged.said == classes).astype(np.float64)
    if len(rights) < TELLS_FROM:
        return None
    if len(rights) >= OWN_STEPS:
        curve = isotonic_curve(judged.signals, rights, least=STEP)
    else:
        right = float(rights.sum())
        soft = np.where(rights > 0, (right + 1) / (right + 2), 1 / (len(rights) - right + 2))  # Platt 1999
        curve = logistic_curve(judged.signals, soft)
    certainties = np.array([curve.at(signal) for signal in judged.signals.tolist()])
    sure = certainties >= SURE_FROM
    right_of_sure, of_sure = int(rights[sure].sum()), int(sure.sum())
    holds = of_sure >= LEAST_SURE and right_of_sure >= SURE_FROM * of_sure
    if holds and wilson_interval(right_of_sure, of_sure)[0] >= LEAST_BOUND:
        return curve
    return CertaintyCurve(curve.signals, tuple(min(share, NOT_QUITE_SURE) for share in curve.shares), curve.questions)
