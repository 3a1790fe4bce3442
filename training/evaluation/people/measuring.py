"""Figures of the answers to people's questions: right ones by kind, beside another photo and the question alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import SpinConfig
from core.files.checkpoint import ModelFile
from core.text.question_kinds.kinds import QuestionKind, is_declined_kind
from core.text.question_kinds.understanding import understand_question
from training.batches.image_store import Progress
from training.evaluation.certainty.asked_photos import AskedPhotos
from training.evaluation.metrics.bootstrap import FloatArray, Interval, bootstrap_interval
from training.evaluation.metrics.vqa_metrics import normalised_words
from training.evaluation.people.asking import PeopleQuestion, PeopleScores, ask_people_questions, people_questions
from training.evaluation.people_record import ALL, NUMBER, OTHER, YES_NO, PeopleRecord, PeopleRow
from training.evaluation.sweep.sweep_rows import shares

LEAST_QUESTIONS = 20
"""Of a kind, for it to have figures of its own."""
LEAST_PHOTOS = 2
"""Else there is no other photo."""


def measure_people(
    file: ModelFile, features: torch.Tensor, asked: AskedPhotos, *, spin: SpinConfig | None, seed: int, progress: Progress
) -> PeopleRecord | None:
    """None where people asked about fewer than two photos. features: [N, I, encoder width] of the photos of `asked`; spin: the
    setting that the model answers with."""
    questions = questions_with_others(asked)
    if not questions:
        return None
    return record_of(asked, questions, ask_people_questions(file, features, questions, spin=spin, progress=progress), seed=seed)


def questions_with_others(asked: AskedPhotos) -> list[PeopleQuestion]:
    """What people asked; nothing where there is no other photo."""
    questions = people_questions(asked.images)
    return questions if len({question.photo for question in questions}) >= LEAST_PHOTOS else []


def record_of(
    asked: AskedPhotos, questions: Sequence[PeopleQuestion], scores: PeopleScores, *, seed: int
) -> PeopleRecord:
    """All figures of answers to these questions about the photos of `asked`."""
    photos = np.array([question.photo for question in questions], dtype=np.int64)
    kinds: list[QuestionKind] = [understand_question(question.question).kind for question in questions]
    groups: dict[str, NDArray[np.bool_]] = {ALL: np.ones(len(questions), dtype=np.bool_)}
    answers = np.array([_answer_type(question) for question in questions])
    for name in (YES_NO, NUMBER, OTHER):
        groups[name] = answers == name
    for kind in sorted(set(kinds)):
        groups[kind] = np.array([kind == its for its in kinds])
    rows = [
        _row(name, photos, scores, chosen, seed=seed) for name, chosen in groups.items()
        if name == ALL or int(chosen.sum()) >= LEAST_QUESTIONS
    ]
    return PeopleRecord(
        asked.data, len(np.unique(photos)), len(questions), sum(map(is_declined_kind, kinds)), scores.other_photos, tuple(rows)
    )


def _answer_type(question: PeopleQuestion) -> str:
    """What most people answered, as VQA sorts its questions."""
    text = max(question.right.answers, key=lambda answer: answer[1])[0]
    words = normalised_words(text)
    if words in (["yes"], ["no"]):
        return YES_NO
    return NUMBER if len(words) == 1 and words[0].isdigit() else OTHER


def _row(
    name: str, photos: NDArray[np.int64], scores: PeopleScores, chosen: NDArray[np.bool_], *, seed: int
) -> PeopleRow:
    def interval(values: FloatArray) -> Interval:
        return _mean_by_photo(photos[chosen], values[chosen], seed=seed)

    return PeopleRow(
        name, int(chosen.sum()), interval(scores.own), interval(scores.others), interval(scores.alone),
        interval(scores.own - scores.others), interval(scores.alike),
    )


def _mean_by_photo(photos: NDArray[np.int64], values: FloatArray, *, seed: int) -> Interval:
    """The mean in percent; photos are what is drawn, each with all its questions."""
    _, rows = np.unique(photos, return_inverse=True)
    table: FloatArray = np.zeros((rows.max() + 1, 2))
    np.add.at(table, rows, np.stack([values, np.ones_like(values)], axis=1))
    return bootstrap_interval(table, lambda rows: 100 * shares(rows), seed=seed)
