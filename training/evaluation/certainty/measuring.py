"""Measures a model's certainty: asks, makes the curves, and says what they are worth on photos that had no part in them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.certainty import SURE_FROM, MeasuredCertainty, is_held_back
from core.config import SpinConfig
from core.files.checkpoint import ModelFile
from core.model.published_spin import HALF
from core.model.spin_text import short_name
from training.batches.image_store import Progress
from training.evaluation.certainty.answering import GivenAnswer, give_answers, read_questions
from training.evaluation.certainty.declining import measure_declining
from training.evaluation.certainty.fitting import AnsweredQuestion, certainties_of, fit_certainty
from training.evaluation.certainty.judged_questions import JudgedQuestion
from training.evaluation.certainty.risk_coverage import (
    JudgedAnswers,
    Statistic,
    accuracy,
    area_under_risk,
    calibration_error,
    chance_error,
    difference,
    interval,
    risk_curve,
    separation,
)
from training.evaluation.certainty_record import ALL, CAPTIONS, PEOPLE, CertaintyRecord, CertaintyRow, Point
from training.evaluation.metrics.bootstrap import Interval

LEAST_QUESTIONS = 30
"""Of a kind, for it to have figures of its own."""
PARTS = 10
"""Of the photos: the answers about each are judged by curves that the others made, which are nearly those of the model file."""
FIGURES: dict[str, Statistic] = {"right": accuracy, "ece": calibration_error, "aurc": area_under_risk}


@dataclass(frozen=True)
class CertaintyOutcome:
    """What was measured."""

    measured: MeasuredCertainty
    """For the model file."""
    record: CertaintyRecord
    """For reports."""


def measure_certainty(
    file: ModelFile, features: torch.Tensor, questions: Sequence[JudgedQuestion], *, data: Sequence[str],
    spin: SpinConfig | None, seed: int, progress: Callable[[str], Progress],
) -> CertaintyOutcome | None:
    """Ask all questions with SPIN off and on, and make the curves; None where no question goes to the model.

    features: [N, I, encoder width] of the photos; spin: the setting that the model answers with, for which the curves are;
    where it is off, SPIN is on with half of the heads; data: names of the photos' collections.
    """
    asked = read_questions(file, questions)
    settings = {"SPIN off": None, "SPIN on": HALF if spin is None else spin}
    answers = {
        name: _judged(questions, give_answers(file, features, questions, asked, spin=applied, progress=progress(asking(name))))
        for name, applied in settings.items()
    }
    off, on = answers.values()
    if not off:
        return None
    held_out = {name: cross_fitted(found, seed=seed) for name, found in answers.items()}
    own, judged = (off, held_out["SPIN off"]) if spin is None else (on, held_out["SPIN on"])
    curves = fit_certainty(own, seed=seed)
    record = CertaintyRecord(
        tuple(data), len({question.photo for question in questions}), len(questions), sum(one is None for one in asked),
        _rows(own, judged, seed=seed), _curves(own, judged), short_name(HALF if spin is None else spin),
        _changes(held_out["SPIN off"], held_out["SPIN on"], seed=seed),
        measure_declining(file, features, curves, spin=spin, seed=seed),
    )
    return CertaintyOutcome(
        MeasuredCertainty(tuple(data), record.photos, len(own), curves, spin, _figures(record)), record
    )


def asking(name: str) -> str:
    """The step that asks under a setting, in words."""
    return f"asking for the certainty: {name}"


def _judged(questions: Sequence[JudgedQuestion], given: Sequence[GivenAnswer | None]) -> list[AnsweredQuestion]:
    return [
        AnsweredQuestion(question.photo, question.by_people, answer, question.score(answer.text))
        for question, answer in zip(questions, given, strict=True) if answer is not None and answer.signal is not None
    ]


def cross_fitted(answers: Sequence[AnsweredQuestion], *, seed: int) -> JudgedAnswers:
    """All answers with certainties of curves that other photos made."""
    parts, certainties = _parts(answers, seed=seed), np.zeros(len(answers))
    for part in np.unique(parts):
        own = parts == part
        makers = [answer for answer, inside in zip(answers, own, strict=True) if not inside]
        takers = [answer for answer, inside in zip(answers, own, strict=True) if inside]
        certainties[own] = certainties_of(fit_certainty(makers or takers, seed=seed), takers)
    return JudgedAnswers(
        np.array([answer.photo for answer in answers]), certainties, np.array([answer.right for answer in answers])
    )


def _parts(answers: Sequence[AnsweredQuestion], *, seed: int) -> NDArray[np.int64]:
    """[Q] the part that each answer's photo is in."""
    photos = sorted({answer.photo for answer in answers})
    random.Random(f"{seed}/certainty").shuffle(photos)
    part = {photo: place % PARTS for place, photo in enumerate(photos)}
    return np.array([part[answer.photo] for answer in answers])


def _rows(answers: Sequence[AnsweredQuestion], judged: JudgedAnswers, *, seed: int) -> tuple[CertaintyRow, ...]:
    held = np.array([
        is_held_back(answer.given.kind, float(certainty)) for answer, certainty in zip(answers, judged.certainties, strict=True)
    ])
    rows = [
        _row(name, judged.where(chosen), judged.where(chosen & held), seed=seed) for name, chosen in _sources(answers).items()
    ]
    kinds = sorted({answer.given.kind for answer in answers})
    for kind in kinds:
        chosen = np.array([answer.given.kind == kind for answer in answers])
        if int(chosen.sum()) >= LEAST_QUESTIONS:
            rows.append(_row(kind, judged.where(chosen), judged.where(chosen & held), seed=seed))
    return tuple(rows)


def _sources(answers: Sequence[AnsweredQuestion]) -> dict[str, NDArray[np.bool_]]:
    people = np.array([answer.by_people for answer in answers])
    found = {ALL: np.ones(len(answers), dtype=np.bool_)}
    return {**found, PEOPLE: people, CAPTIONS: ~people} if people.any() and not people.all() else found


def _row(name: str, judged: JudgedAnswers, back: JudgedAnswers, *, seed: int) -> CertaintyRow:
    """back: those of the answers that are held back."""
    sure = judged.where(judged.certainties >= SURE_FROM)
    figures = {figure: _percent(interval(judged, statistic, seed=seed)) for figure, statistic in FIGURES.items()}
    return CertaintyRow(
        name, len(judged), figures["right"], figures["ece"], 100 * chance_error(judged, seed=seed), figures["aurc"],
        separation(judged), 100 * len(sure) / len(judged),
        _percent(interval(sure, accuracy, seed=seed)) if len(sure) else None, 100 * len(back) / len(judged),
        100 * float(back.rights.mean()) if len(back) else None,
    )


def _changes(off: JudgedAnswers, on: JudgedAnswers, *, seed: int) -> dict[str, Interval]:
    return {name: _percent(difference(off, on, statistic, seed=seed)) for name, statistic in FIGURES.items()}


def _curves(answers: Sequence[AnsweredQuestion], judged: JudgedAnswers) -> dict[str, list[Point]]:
    return {
        name: [
            (round(100 * certainty, 2), round(100 * covered, 2), round(100 * right, 2))
            for certainty, covered, right in risk_curve(judged.where(chosen))
        ]
        for name, chosen in _sources(answers).items()
    }


def _figures(record: CertaintyRecord) -> dict[str, float]:
    """What the model file says of its certainty's worth, in percent."""
    found: dict[str, float] = {}
    for row in record.rows:
        if row.name in (ALL, PEOPLE):
            name = "" if row.name == ALL else "people_"
            found |= {f"{name}right": row.right.value, f"{name}ece": row.ece.value, f"{name}sure": row.sure}
            if row.sure_right is not None:
                found[f"{name}sure_right"] = row.sure_right.value
    return {name: round(value, 2) for name, value in found.items()}


def _percent(found: Interval) -> Interval:
    return Interval(100 * found.value, 100 * found.low, 100 * found.high, found.confidence)
