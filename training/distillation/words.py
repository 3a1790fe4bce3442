"""The captions' words as things to recognise: what a photo's captions say, and what the teachers' features let expect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor

FUNCTION_WORDS = frozenset(
    {"a", "an", "and", "are", "as", "at", "being", "by", "does", "for", "from", "has", "in", "is", "it", "its", "of", "on", "or",
     "s", "t", "that", "the", "their", "there", "to", "with", "while"}
)
RIDGE = 1.0
"""Strength of the ridge regression, relative to what all photos together tell of a feature."""


def words_of(captions: Sequence[str]) -> frozenset[str]:
    """The words of a photo's captions that say something about it."""
    return frozenset(word for caption in captions for word in re.findall("[a-z]+", caption.lower())) - FUNCTION_WORDS


def frequent_words(captions: Sequence[Sequence[str]], *, photos: int) -> tuple[str, ...]:
    """The words that at least so many photos' captions have, in alphabetical order."""
    counts = Counter(word for of_photo in captions for word in words_of(of_photo))
    return tuple(sorted(word for word, count in counts.items() if count >= photos))


def word_shares(captions: Sequence[Sequence[str]], words: Sequence[str]) -> Tensor:
    """[N, W]: the part of each photo's captions that has the word."""
    number = {word: n for n, word in enumerate(words)}
    shares = torch.zeros(len(captions), len(words))
    for row, of_photo in enumerate(captions):
        for caption in of_photo:
            for word in words_of([caption]):
                if word in number:
                    shares[row, number[word]] += 1 / len(of_photo)
    return shares


def expected_words(features: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """What shares of captions would have the words, as a linear map of the teachers' features, by ridge regression.

    features: [N, D], the means of photos' maps; shares: [N, W]. Returns weight [W, D] and bias [W].
    """
    features, shares = features.double(), shares.double()
    mean, expected = features.mean(0), shares.mean(0)
    centred = features - mean
    gram = centred.T @ centred
    strength = RIDGE * gram.diagonal().mean()
    weight = torch.linalg.solve(gram + strength * torch.eye(len(gram), dtype=gram.dtype), centred.T @ (shares - expected)).T
    return weight.float(), (expected - weight @ mean).float()
