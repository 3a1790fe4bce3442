"""Curves of answers whose worth is known, and how far they can be trusted."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.certainty import OWN_SIGNALS, POOLED, SURE_FROM, CertaintyCurve, curve_name
from core.classes.class_results import wilson_interval
from training.evaluation.certainty.answering import GivenAnswer
from training.evaluation.certainty.curves import logistic_curve, smoothed_isotonic_curve

FloatArray = NDArray[np.float64]
OWN_CURVE = 30
"""Answers that a kind needs for a curve of its own; the others share one."""
ANY_SHAPE = 100
"""Answers from which a curve may take any rising shape; with fewer it is a logistic one."""
STEP = 30
"""Answers in each step of it before it is smoothed, at least."""
LEAST_SURE = 20
"""Sure answers by which it is judged whether sure answers are right."""
LEAST_BOUND = 0.85
"""Lower end of the 95 % interval of the right ones among sure answers; of 45 of them, 44 have to be right for that."""
NOT_QUITE_SURE = SURE_FROM - 0.01


@dataclass(frozen=True)
class AnsweredQuestion:
    """An answer and what it is worth."""

    photo: int
    by_people: bool
    """Who asked: see JudgedQuestion."""
    given: GivenAnswer
    right: float
    """From 0, wrong, to 1."""

    @property
    def curve(self) -> str:
        return curve_name(self.given.kind, self.given.text, self.given.question)

    @property
    def signal(self) -> float:
        signal = self.given.signal
        assert signal is not None, "an answer without a signal can't be judged"
        return signal


def fit_certainty(answers: Sequence[AnsweredQuestion], *, seed: int) -> dict[str, CertaintyCurve]:
    """A curve for each kind with enough answers, and one for all others. answers: at least one.

    A curve reaches SURE_FROM only where, on photos that had no part in it, the answers that it calls sure are right so often:
    one half of the photos judges the other half's curve.
    """
    curves = _curves(answers)
    photos = sorted({answer.photo for answer in answers})
    chosen = set(random.Random(f"{seed}/trust").sample(photos, len(photos) // 2))
    halves = [[answer for answer in answers if (answer.photo in chosen) == inside] for inside in (True, False)]
    judged: dict[str, list[tuple[float, AnsweredQuestion]]] = {name: [] for name in curves}
    for makers, takers in (halves, halves[::-1]):
        if makers:
            made = _curves(makers)
            for answer, certainty in zip(takers, certainties_of(made, takers), strict=True):
                judged[answer.curve if answer.curve in curves else POOLED].append((certainty, answer))
    return {name: _trusted(curve, judged[name]) for name, curve in curves.items()}


def certainties_of(curves: Mapping[str, CertaintyCurve], answers: Sequence[AnsweredQuestion]) -> FloatArray:
    """[Q] what curves say of the answers."""
    return np.array([curves.get(answer.curve, curves[POOLED]).at(answer.signal) for answer in answers])


def _curves(answers: Sequence[AnsweredQuestion]) -> dict[str, CertaintyCurve]:
    groups: dict[str, list[AnsweredQuestion]] = {POOLED: []}
    for answer in answers:
        groups.setdefault(answer.curve, []).append(answer)
        if answer.given.kind not in OWN_SIGNALS:
            groups[POOLED].append(answer)
    if not groups[POOLED]:
        groups[POOLED] = list(answers)
    return {
        name: _curve(group) for name, group in groups.items()
        if name == POOLED or len(group) >= OWN_CURVE or group[0].given.kind in OWN_SIGNALS
    }


def _curve(answers: Sequence[AnsweredQuestion]) -> CertaintyCurve:
    signals = np.array([answer.signal for answer in answers])
    rights = np.array([answer.right for answer in answers])
    if len(answers) < ANY_SHAPE:
        return logistic_curve(signals, rights)
    return smoothed_isotonic_curve(signals, rights, least=STEP)


def _trusted(curve: CertaintyCurve, judged: Sequence[tuple[float, AnsweredQuestion]]) -> CertaintyCurve:
    """The curve, sure only from the lowest certainty from which such answers are right often enough, whoever asked."""
    sure_from = next(
        (share for share in sorted({SURE_FROM, *curve.shares}) if share >= SURE_FROM and _holds(share, judged)), 2.0
    )
    shares = tuple(share if share >= sure_from else min(share, NOT_QUITE_SURE) for share in curve.shares)
    return CertaintyCurve(curve.signals, shares, curve.questions)


def _holds(share: float, judged: Sequence[tuple[float, AnsweredQuestion]]) -> bool:
    """Whether answers of at least this certainty are right as often as sure ones must be, by more than luck.

    A few of people's, too few to show that, may still show the contrary: what captions ask is easier.
    """
    sure = [answer for certainty, answer in judged if certainty >= share]
    if wilson_interval(sum(answer.right for answer in sure), len(sure))[0] < LEAST_BOUND:
        return False
    asked_by = [[answer.right for answer in sure if answer.by_people == people] for people in (True, False)]
    if any(wilson_interval(sum(rights), len(rights))[1] < SURE_FROM for rights in asked_by):
        return False
    enough = [rights for rights in asked_by if len(rights) >= LEAST_SURE]
    return bool(enough) and all(float(np.mean(rights)) >= SURE_FROM for rights in enough)
