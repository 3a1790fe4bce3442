"""Scores of yes/no probes, by photo.

Shapes: N photos, R resamples of them; 6 counts a photo, in the order of OUTCOMES.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.config import SettingsRecord
from training.evaluation.metrics.bootstrap import FloatArray
from training.evaluation.metrics.probes import Probe
from training.evaluation.metrics.vqa_metrics import normalised_answer

OUTCOMES = ("true yes", "false no", "neither, of a yes", "true no", "false yes", "neither, of a no")
YES_RIGHT, NO_WRONG, YES_UNSAID, NO_RIGHT, YES_WRONG, NO_UNSAID = range(len(OUTCOMES))


@dataclass(frozen=True)
class ProbeScores(SettingsRecord):
    """In percent, but for the counts. An answer that is neither yes nor no is wrong, and never left out."""

    accuracy: float
    precision: float
    """Of the answers "yes", those that are right."""
    recall: float
    """Of the objects that are there, those that got a "yes"."""
    f1: float
    yes_rate: float
    """Of all answers, those that are "yes"; half of the questions want one."""
    invalid: int
    """Answers that are neither."""
    count: int
    """Questions."""


def count_outcomes(probes: Sequence[Probe], answers: Sequence[str], photos: Sequence[str]) -> FloatArray:
    """[N, 6]: how the answers to each photo's probes came out. probes and answers run in step."""
    row = {name: index for index, name in enumerate(photos)}
    counts = np.zeros((len(photos), len(OUTCOMES)))
    for probe, answer in zip(probes, answers, strict=True):
        said = normalised_answer(answer, kind="presence")
        first = YES_RIGHT if probe.answer == "yes" else NO_RIGHT
        right = said == probe.answer
        place = first if right else first + 1 if said in ("yes", "no") else first + 2
        counts[row[probe.photo], place] += 1
    return counts


def score_outcomes(counts: FloatArray) -> ProbeScores:
    """counts: [N, 6]"""
    sums = counts.sum(axis=0)
    said_yes = sums[YES_RIGHT] + sums[YES_WRONG]
    wanted = sums[YES_RIGHT] + sums[NO_WRONG] + sums[YES_UNSAID]
    return ProbeScores(
        accuracy=float(accuracy_of(counts[None])[0]), precision=_percent(sums[YES_RIGHT], said_yes),
        recall=_percent(sums[YES_RIGHT], wanted), f1=float(f1_of(counts[None])[0]),
        yes_rate=float(yes_rate_of(counts[None])[0]), invalid=int(sums[YES_UNSAID] + sums[NO_UNSAID]), count=int(sums.sum()),
    )


def accuracy_of(rows: FloatArray) -> FloatArray:
    """[R, N, 6] -> [R], in percent."""
    sums = rows.sum(axis=1)
    return 100 * (sums[:, YES_RIGHT] + sums[:, NO_RIGHT]) / np.maximum(sums.sum(axis=1), 1e-9)


def f1_of(rows: FloatArray) -> FloatArray:
    """[R, N, 6] -> [R], in percent; 0 where nothing is there and nothing was said to be."""
    sums = rows.sum(axis=1)
    errors = sums[:, NO_WRONG] + sums[:, YES_UNSAID] + sums[:, YES_WRONG]
    return 200 * sums[:, YES_RIGHT] / np.maximum(2 * sums[:, YES_RIGHT] + errors, 1e-9)


def yes_rate_of(rows: FloatArray) -> FloatArray:
    """[R, N, 6] -> [R], in percent."""
    sums = rows.sum(axis=1)
    return 100 * (sums[:, YES_RIGHT] + sums[:, YES_WRONG]) / np.maximum(sums.sum(axis=1), 1e-9)


def _percent(part: float, whole: float) -> float:
    return 100 * float(part) / max(1.0, float(whole))
