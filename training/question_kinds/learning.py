"""Learns the classifier's weights: logistic regression on hashed features."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from core.text.question_kinds.classifier import KindClassifier
from core.text.question_kinds.features import BUCKETS, feature_buckets
from core.text.question_kinds.kinds import KINDS, QuestionKind
from core.text.question_kinds.understanding import essential_text, normal_words
from core.text.question_kinds.words.plain_text import plain_text
from core.text.question_kinds.words.sentences import asking_sentence
from core.text.question_kinds.words.word_forms import split_words
from training.question_kinds.wordings import Wording

LEARNT: tuple[QuestionKind, ...] = tuple(kind for kind in KINDS if kind != "empty")
EPOCHS = 20
BATCH = 256
LEARNING_RATE = 0.15
SHRINKAGE = 1e-6
"""Weight of the sum of squared weights in the loss."""
SMALLEST = 1.5
"""Weights of fewer steps than this are stored as 0, which keeps the file small."""
LABEL_SMOOTHING = 0.02
ARTICLES = frozenset({"the", "a", "an", "is", "are", "do", "does"})
TERSE_SHARE = 0.15
"""Wordings that are also learnt from without their small words."""


def words_of(text: str) -> list[str]:
    """The words that the program's classifier would see of a question."""
    words = normal_words(asking_sentence(plain_text(text)))
    return split_words(essential_text(words))


def terse(wordings: Sequence[Wording], *, seed: int) -> list[Wording]:
    """Some wordings without their articles and auxiliary verbs, as people in a hurry type them."""
    rng = random.Random(f"{seed}/terse")
    shorter: list[Wording] = []
    for wording in wordings:
        words = wording.text.split()
        kept = [word for i, word in enumerate(words) if i == 0 or word not in ARTICLES or rng.random() < 0.3]
        if rng.random() < TERSE_SHARE and 2 <= len(kept) < len(words) and wording.kind not in ("language", "statement", "yes_no"):
            shorter.append(Wording(" ".join(kept), wording.kind, wording.group))
    return shorter


def learn(wordings: Sequence[Wording], *, seed: int) -> KindClassifier:
    """A classifier of these wordings; the same for the same ones and seed."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    wordings = [*wordings, *terse(wordings, seed=seed)]
    features = [feature_buckets(words_of(wording.text)) for wording in wordings]
    targets = torch.tensor([LEARNT.index(wording.kind) for wording in wordings])  # [N]
    importance = _importance(wordings)  # [N]
    weights = torch.nn.EmbeddingBag(BUCKETS, len(LEARNT), mode="sum")
    torch.nn.init.zeros_(weights.weight)
    bias = torch.zeros(len(LEARNT), requires_grad=True)
    optimizer = torch.optim.Adam([weights.weight, bias], lr=LEARNING_RATE)
    batches = EPOCHS * (len(wordings) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, batches)
    for _ in range(EPOCHS):
        order = torch.randperm(len(wordings))
        for chosen in order[: len(wordings) // BATCH * BATCH].split(BATCH):
            optimizer.zero_grad()
            scores = _scores(weights, [features[i] for i in chosen.tolist()]) + bias  # [B, K]
            loss = functional.cross_entropy(scores, targets[chosen], reduction="none", label_smoothing=LABEL_SMOOTHING)
            total = (loss * importance[chosen]).mean() + SHRINKAGE * weights.weight.square().sum()
            total.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return _stored(weights.weight.detach().numpy(), bias.detach().numpy())


def _scores(weights: torch.nn.EmbeddingBag, features: Sequence[Sequence[int]]) -> torch.Tensor:
    """[B, K] sums of weights, scaled as the classifier scales them."""
    lengths = torch.tensor([len(buckets) for buckets in features])
    flat = torch.tensor([bucket for buckets in features for bucket in buckets])
    starts = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)[:-1]])
    scale: torch.Tensor = lengths.clamp(min=1).float().rsqrt()
    return weights(flat, starts) * scale[:, None]


def _importance(wordings: Sequence[Wording]) -> torch.Tensor:
    """[N] templates count by the square root of their fillings, and rare kinds more than frequent ones; 1 on average."""
    of_group = Counter((wording.kind, wording.group) for wording in wordings)
    shares = [of_group[wording.kind, wording.group] ** -0.5 for wording in wordings]
    of_kind: Counter[str] = Counter()
    for wording, share in zip(wordings, shares, strict=True):
        of_kind[wording.kind] += share  # type: ignore[assignment]
    weights = torch.tensor([s * of_kind[w.kind] ** -0.5 for w, s in zip(wordings, shares, strict=True)])
    return weights / weights.mean()


def _stored(weights: np.ndarray, bias: np.ndarray) -> KindClassifier:
    """Weights as whole steps of an 8-bit scale, a scale for each kind."""
    scales = np.abs(weights).max(axis=0) / 127
    steps = weights / scales
    steps[np.abs(steps) < SMALLEST] = 0
    return KindClassifier(LEARNT, np.rint(steps).astype(np.int8), scales.astype(np.float32), bias.astype(np.float32))
