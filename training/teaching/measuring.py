"""What a model says about some photos, judged, so that the same can be asked of it before and after.

Shapes: N photos; of each photo sums of what was right, and how much was asked, [N, 2] a measure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.files.checkpoint import ModelFile
from core.text.question_kinds.model_wording import DESCRIBE
from training.batches.dataset import IGNORED
from training.batches.image_store import Progress
from training.batches.run_data import SplitData
from training.data.qa_pair import QaPair
from training.evaluation.certainty.answering import give_answers, read_questions
from training.evaluation.certainty.judged_questions import OPEN_KINDS, JudgedQuestion
from training.evaluation.certainty.judging import RightAnswers, stems
from training.evaluation.metrics.bootstrap import FloatArray, bootstrap_interval
from training.evaluation.metrics.vqa_metrics import normalised_words, token_f1
from training.teaching.keeping_loss import answer_logits
from training.teaching.report import Change, Measured

CAPTION = "caption"
PHOTOS_AT_ONCE = 16


@dataclass(frozen=True)
class AskedPhotos:
    """Photos as the encoder sees them, and what is asked about each."""

    features: Tensor
    """[N, I, C]"""
    pairs: Sequence[Sequence[QaPair]]
    loss_on: SplitData
    """The same, to measure the loss on."""


@dataclass(frozen=True)
class Said:
    """A model's answers to all questions and its descriptions, in the order of `judged`, with what each is worth."""

    texts: list[str]
    scores: list[float]
    sums: dict[str, FloatArray]
    """For each measure [N, 2]: what was right of each photo, and how much was asked."""


@dataclass(frozen=True)
class Asked:
    """A question about a photo by its place, or a description of it."""

    photo: int
    pair: QaPair
    judged: JudgedQuestion

    @property
    def describes(self) -> bool:
        return self.pair.kind == CAPTION


def asked_of(pairs: Sequence[Sequence[QaPair]]) -> list[Asked]:
    """What is asked about each photo: its questions once each, and one description where people wrote some."""
    found: list[Asked] = []
    for photo, about in enumerate(pairs):
        captions = [pair for pair in about if pair.kind == CAPTION]
        said = frozenset(stems(normalised_words(" ".join(f"{pair.answer}" for pair in about if pair.kind != "presence"))))
        if captions:
            references = [normalised_words(pair.answer) for pair in captions]
            found.append(Asked(photo, captions[0], JudgedQuestion(photo, DESCRIBE, _likeness(references), by_people=True)))
        questions = dict.fromkeys(pair.question for pair in about if pair.kind != CAPTION)
        for question in questions:
            same = [pair for pair in about if pair.question == question and pair.kind != CAPTION]
            answers = tuple(answer for pair in same for answer in (pair.answers or ((pair.answer, 1),)))
            right = RightAnswers(
                answers, is_open=same[0].kind in OPEN_KINDS, said=said, by_people=any(pair.answers for pair in same)
            )
            found.append(Asked(photo, same[0], JudgedQuestion(photo, question, right.score, by_people=right.by_people)))
    return found


def _likeness(references: Sequence[Sequence[str]]) -> Callable[[str], float]:
    return lambda text: max(token_f1(reference, normalised_words(text)) for reference in references)


def ask(file: ModelFile, photos: AskedPhotos, asked: Sequence[Asked], progress: Progress) -> Said:
    """The answers as the program gives them, and how probable the right ones are."""
    questions = [one.judged for one in asked]
    read = read_questions(file, questions)
    given = give_answers(file, photos.features, questions, read, spin=None, progress=progress)
    texts = ["" if answer is None else answer.text for answer in given]
    scores = [one.judged.score(text) if text else 0.0 for one, text in zip(asked, texts, strict=True)]
    count = len(photos.pairs)
    sums = {
        name: _summed(count, [(one.photo, score) for one, score in zip(asked, scores, strict=True) if one.describes is describes])
        for name, describes in (("answers", False), ("words", True))
    }
    return Said(texts, scores, {**sums, "fit": log_probabilities(file, photos.loss_on)})


def _summed(photos: int, scores: Sequence[tuple[int, float]]) -> FloatArray:
    sums = np.zeros((photos, 2))
    for photo, score in scores:
        sums[photo] += (score, 1)
    return sums


@torch.inference_mode()
def log_probabilities(file: ModelFile, split: SplitData) -> FloatArray:
    """[N, 2]: of each photo the weighted log-probability of all right answers' tokens, and their weight."""
    sums = torch.zeros(len(split.pairs), 2, dtype=torch.float64)
    for start in range(0, len(sums), PHOTOS_AT_ONCE):
        batch = split.pairs.batch(range(start, min(start + PHOTOS_AT_ONCE, len(sums))), epoch=0)
        features = split.frozen_features(batch.photos, generator=None).images
        for group, logits in zip(batch.groups, answer_logits(file.model, features, batch), strict=True):
            counted = group.targets != IGNORED  # [B, G, T]
            photos = batch.photos[:, None, None].expand(counted.shape)[counted]
            said = logits.float().log_softmax(-1).gather(1, group.targets[counted][:, None]).squeeze(1)
            sums.index_add_(0, photos, group.weight * torch.stack([said, torch.ones_like(said)], 1).double())
    return sums.numpy()


def compare(before: Said, after: Said, asked: Sequence[Asked], photos: int, *, seed: int) -> Measured:
    """Photo by photo; see bootstrap.py for the intervals."""
    changes = {
        name: _change(before.sums[name], after.sums[name], seed=seed, in_logs=name == "fit")
        for name in ("answers", "words", "fit")
    }
    described = sum(one.describes for one in asked)
    return Measured(photos, len(asked) - described, described, **changes)


def _change(before: FloatArray, after: FloatArray, *, seed: int, in_logs: bool) -> Change | None:
    """before, after: [N, 2]; in_logs: means of log-probabilities, shown as probabilities."""
    counted = before[:, 1] > 0
    if not counted.any():
        return None
    shown = np.exp if in_logs else np.asarray
    rows = np.column_stack([before[counted], after[counted]])  # [N, 4]

    def points(resampled: FloatArray) -> FloatArray:
        """[R, N, 4] -> [R]"""
        sums = resampled.sum(axis=1)
        return 100 * (shown(sums[:, 2] / sums[:, 3]) - shown(sums[:, 0] / sums[:, 1]))

    was, now = (100 * float(shown(part[:, 0].sum() / part[:, 1].sum())) for part in (before, after))
    return Change(was, now, bootstrap_interval(rows, points, seed=seed))


