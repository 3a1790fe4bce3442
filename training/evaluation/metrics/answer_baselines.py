"""What answers are worth that nobody looked at a photo for: always the commonest one, or one drawn at random."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.evaluation.metrics.vqa_metrics import KindScore, normalised_answer

KnownAnswer = tuple[str, str]
"""Kind of question and its right answer, from the training split."""


def majority_answers(known: Sequence[KnownAnswer]) -> dict[str, str]:
    """The commonest answer of each kind, normalised; of equally common ones the first in the alphabet."""
    return {
        kind: min(counts, key=lambda answer: (-counts[answer], answer)) for kind, counts in _count_answers(known).items()
    }


def chance_scores(known: Sequence[KnownAnswer], kinds: Sequence[str], expected: Sequence[str]) -> dict[str, KindScore]:
    """Scores to be expected of answers drawn at random from the known ones of the same kind.

    kinds, expected: what is asked, in step. These are means over all draws, computed and not sampled, so they carry no
    noise of their own. A kind without a known answer scores 0.
    """
    drawn, asked = _count_answers(known), _count_answers(list(zip(kinds, expected, strict=True)))
    return {kind: _chance_score(kind, drawn.get(kind, Counter()), asked[kind]) for kind in sorted(asked)}


def _count_answers(known: Sequence[KnownAnswer]) -> dict[str, Counter[str]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, answer in known:
        counts[kind][normalised_answer(answer, kind=kind)] += 1
    return dict(counts)


def _chance_score(kind: str, drawn: Counter[str], asked: Counter[str]) -> KindScore:
    count, draws = asked.total(), max(drawn.total(), 1)
    presence = kind == "presence"
    yes_or_no = drawn["yes"] + drawn["no"]
    return KindScore(
        count=count,
        exact=100 * sum(times * drawn[answer] for answer, times in asked.items()) / (count * draws),
        token_f1=100 * _mean_f1(drawn, asked),
        yes_rate=100 * drawn["yes"] / draws if presence else None,
        invalid=round(count * (1 - yes_or_no / draws)) if presence else None,
    )


def _mean_f1(drawn: Counter[str], asked: Counter[str]) -> float:
    """Mean of token_f1 over every pair of a drawn and an asked answer, in [0, 1].

    Thousands of answers stand on both sides, so each asked one is compared with all drawn ones at once.
    """
    if not drawn:
        return 0.0
    answers = list(drawn)
    share = np.array([drawn[answer] for answer in answers], dtype=np.float64) / drawn.total()  # [A]
    lengths = np.array([len(answer.split()) for answer in answers], dtype=np.float64)  # [A]
    occurrences = _occurrences(answers)
    total = 0.0
    for answer, times in asked.items():
        words = Counter(answer.split())
        shared = np.zeros(len(answers))  # [A]
        for word in words.keys() & occurrences.keys():
            where, often = occurrences[word]
            shared[where] += np.minimum(often, words[word])
        both_empty = (lengths == 0) & (not words)
        f1 = np.where(both_empty, 1.0, 2 * shared / np.maximum(lengths + words.total(), 1))
        total += times * float(share @ f1)
    return total / asked.total()


def _occurrences(answers: Sequence[str]) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each word the numbers of the answers that it is in, and how often it is in each."""
    found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, answer in enumerate(answers):
        for word, often in Counter(answer.split()).items():
            found[word].append((number, often))
    return {
        word: (np.array([number for number, _ in places]), np.array([often for _, often in places]))
        for word, places in found.items()
    }
