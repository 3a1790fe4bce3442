"""CIDEr-D: how much a caption shares with the references in n-grams that are rare in the data set.

Source: Vedantam et al. 2015, arXiv 1411.5726, in the variant and with the constants of the COCO caption code.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_NGRAM = 4
SIGMA = 6.0
"""Width of the Gaussian that punishes a length other than the reference's, in words."""

Words = Sequence[str]
NGram = tuple[str, ...]


@dataclass(frozen=True)
class _Vector:
    """A caption's tf-idf weights for each length of n-gram, their norms, and its length in words."""

    weights: list[dict[NGram, float]]
    norms: list[float]
    words: int


def cider_d(
    candidates: Sequence[Words], references: Sequence[Sequence[Words]], *, split: Sequence[Sequence[Words]] | None = None
) -> list[float]:
    """A score per caption, 0 to 10; the mean is what is reported, often times 100.

    split: references of every image of the split, where captions of only some of them are scored; None means
    `references` are all there are. Document frequencies come from it, and so each score depends on all of it.
    """
    documents_read = references if split is None else split
    frequencies = Counter(ngram for group in documents_read for ngram in {n for words in group for n in _ngrams(words)})
    documents = math.log(max(len(documents_read), 1))
    scores: list[float] = []
    for words, group in zip(candidates, references, strict=True):
        candidate = _vector(words, frequencies, documents)
        similar = [_similarity(candidate, _vector(reference, frequencies, documents)) for reference in group]
        scores.append(10.0 * sum(similar) / len(similar))
    return scores


def _ngrams(words: Words) -> Counter[NGram]:
    return Counter(
        tuple(words[start : start + length])
        for length in range(1, LONGEST_NGRAM + 1)
        for start in range(len(words) - length + 1)
    )


def _vector(words: Words, frequencies: Counter[NGram], documents: float) -> _Vector:
    weights: list[dict[NGram, float]] = [{} for _ in range(LONGEST_NGRAM)]
    for ngram, count in _ngrams(words).items():
        weights[len(ngram) - 1][ngram] = count * (documents - math.log(max(1, frequencies[ngram])))
    norms = [math.sqrt(sum(value * value for value in of_length.values())) for of_length in weights]
    # The COCO code measures length in bigrams, which is one less than in words; only differences matter, but for
    # captions without any bigram.
    return _Vector(weights, norms, max(len(words) - 1, 0))


def _similarity(candidate: _Vector, reference: _Vector) -> float:
    penalty = math.exp(-((candidate.words - reference.words) ** 2) / (2 * SIGMA**2))
    total = 0.0
    for length in range(LONGEST_NGRAM):
        shared = sum(
            min(value, reference.weights[length].get(ngram, 0.0)) * reference.weights[length].get(ngram, 0.0)
            for ngram, value in candidate.weights[length].items()
        )
        norm = candidate.norms[length] * reference.norms[length]
        total += penalty * (shared / norm if norm else shared)
    return total / LONGEST_NGRAM
