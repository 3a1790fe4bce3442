"""People's questions about photos, answered with the photo, with others in its place, and without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from core.config import SpinConfig
from core.files.checkpoint import ModelFile
from training.batches.image_store import Progress
from training.data.captions import CaptionedImage
from training.evaluation.certainty.answering import give_answers, read_questions
from training.evaluation.certainty.judging import RightAnswers
from training.evaluation.metrics.bootstrap import FloatArray
from training.evaluation.people_record import OTHER_PHOTOS

ASKING = "people's questions"
"""The step that asks them, in words."""


@dataclass(frozen=True)
class PeopleQuestion:
    """A question that somebody asked about a photo, with what people answered."""

    photo: int
    """Place in the list of photos."""
    question: str
    right: RightAnswers


@dataclass(frozen=True)
class PeopleScores:
    """How right each of Q answers is, from 0 to 1."""

    own: FloatArray
    """[Q] by VQA's soft score."""
    others: FloatArray
    """[Q]: mean over several other photos."""
    alone: FloatArray
    """[Q] without a photo."""
    other_photos: int
    """How many."""
    alike: FloatArray
    """[Q] of the answers about the own photo, where synonyms, plurals and prepositions make no difference."""


def people_questions(images: Sequence[CaptionedImage]) -> list[PeopleQuestion]:
    """What people asked about these photos and several people answered, photo by photo."""
    return [
        PeopleQuestion(place, pair.question, RightAnswers(pair.answers, by_people=True))
        for place, image in enumerate(images) for pair in image.questions if pair.answers
    ]


def ask_people_questions(
    file: ModelFile, features: torch.Tensor, questions: Sequence[PeopleQuestion], *, spin: SpinConfig | None, progress: Progress
) -> PeopleScores:
    """Every question is asked, in the form that it asks for; what the program declines for its kind as it was typed.

    features: [N, I, encoder width] of the photos; another photo is one that people asked something about too.
    """
    asked = read_questions(file, questions, ask_anyway=True)
    others = _other_photos(questions)
    count, passes = len(questions), len(others) + 2

    def part(number: int) -> Progress:
        return lambda done, total: progress(number * count + done * count // max(1, total), passes * count)

    def texts(about: Sequence[PeopleQuestion], number: int, *, photos_hidden: bool = False) -> list[str]:
        given = give_answers(
            file, features, about, asked, spin=spin, progress=part(number), photos_hidden=photos_hidden
        )
        return ["" if answer is None else answer.text for answer in given]

    own = texts(questions, 0)
    about_others = [
        texts([replace(question, photo=photo) for question, photo in zip(questions, photos, strict=True)], number)
        for number, photos in enumerate(others, start=1)
    ]
    return people_scores(questions, own=own, others=about_others, alone=texts(questions, passes - 1, photos_hidden=True))


def people_scores(
    questions: Sequence[PeopleQuestion], *, own: Sequence[str], others: Sequence[Sequence[str]], alone: Sequence[str]
) -> PeopleScores:
    """How right answers are. others: in each round the answers with another photo."""
    return PeopleScores(
        _scores(questions, own, RightAnswers.exact),
        np.mean([_scores(questions, said, RightAnswers.exact) for said in others], axis=0),
        _scores(questions, alone, RightAnswers.exact), len(others), _scores(questions, own, RightAnswers.score),
    )


def steps_to_others(photos: int) -> list[int]:
    """For each round how many photos further in the list the other photo is: they are as far apart as can be."""
    return sorted({max(1, photos * round_ // (OTHER_PHOTOS + 1)) for round_ in range(1, OTHER_PHOTOS + 1)} - {photos})


def _other_photos(questions: Sequence[PeopleQuestion]) -> list[list[int]]:
    """For each round another photo for each question."""
    photos = sorted({question.photo for question in questions})
    place = {photo: number for number, photo in enumerate(photos)}
    return [
        [photos[(place[question.photo] + step) % len(photos)] for question in questions] for step in steps_to_others(len(photos))
    ]


def _scores(
    questions: Sequence[PeopleQuestion], answers: Sequence[str], score: Callable[[RightAnswers, str], float]
) -> FloatArray:
    return np.array([score(question.right, said) for question, said in zip(questions, answers, strict=True)])
