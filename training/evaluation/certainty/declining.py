"""What becomes of questions that can't be answered from a photo: declined for their kind, held back as too uncertain, or answered
all the same; and how many that can be answered are declined.

The questions are those that are kept apart from all that the program learnt of kinds (docs/questions.md): wordings as people
type them, and questions that people asked about photos. Each is asked about some photo of the measurement.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import torch

from core.certainty import CertaintyCurve, is_held_back
from core.config import SpinConfig
from core.files.checkpoint import ModelFile
from core.text.question_kinds.kinds import is_answerable_kind
from training.evaluation.certainty.answering import GivenAnswer, give_answers, read_questions
from training.evaluation.certainty.fitting import AnsweredQuestion, certainties_of
from training.evaluation.certainty.judged_questions import JudgedQuestion
from training.evaluation.certainty.risk_coverage import JudgedAnswers, accuracy, interval
from training.evaluation.certainty_record import DecliningFigures
from training.evaluation.metrics.bootstrap import Interval
from training.question_kinds.wordings import held_out_wordings, people_questions


def measure_declining(
    file: ModelFile, features: torch.Tensor, curves: Mapping[str, CertaintyCurve], *, spin: SpinConfig | None, seed: int
) -> DecliningFigures:
    """features: [N, I, encoder width] of photos to ask about; curves: the model's; spin: the setting that it answers with."""
    kept_apart = (*held_out_wordings(), *held_out_wordings("held_out_2.txt"), *people_questions(held_out=True))
    wordings = [each for each in kept_apart if each.kind != "follow_up"]
    chance = random.Random(f"{seed}/declining")
    questions = [
        JudgedQuestion(chance.randrange(len(features)), each.text, _never_right, by_people=False) for each in wordings
    ]
    asked = read_questions(file, questions)
    answerable = [is_answerable_kind(each.kind) for each in wordings]
    refused = [float(each is None) for each, can_be in zip(asked, answerable, strict=True) if can_be]
    impossible = [place for place, can_be in enumerate(answerable) if not can_be]
    given = give_answers(
        file, features, [questions[place] for place in impossible], [asked[place] for place in impossible], spin=spin,
        progress=_silent,
    )
    said = [_is_said(answer, curves) for answer in given]
    for_kind = [float(answer is None) for answer in given]
    answered, declined, wrongly = (_share(found, seed=seed) for found in (said, for_kind, refused))
    return DecliningFigures(len(said), answered, declined, len(refused), wrongly)


def _is_said(answer: GivenAnswer | None, curves: Mapping[str, CertaintyCurve]) -> float:
    """1 where the answer is shown, 0 where the question was declined or the answer is held back."""
    if answer is None:
        return 0.0
    if answer.signal is None:
        return 1.0
    (certainty,) = certainties_of(curves, [AnsweredQuestion(0, by_people=False, given=answer, right=0.0)])
    return float(not is_held_back(answer.kind, float(certainty)))


def _share(found: Sequence[float], *, seed: int) -> Interval:
    """In percent, with an interval over questions."""
    values = np.array(found)
    each = interval(JudgedAnswers(np.arange(len(values)), values, values), accuracy, seed=seed)
    return Interval(100 * each.value, 100 * each.low, 100 * each.high, each.confidence)


def _never_right(_answer: str) -> float:
    return 0.0


def _silent(_done: int, _total: int) -> None:
    """So few questions take no time worth showing."""
