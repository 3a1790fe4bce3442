"""A transformer encoder over a question's word pieces, which tells its kind.

The first layers of all-MiniLM-L6-v2 (Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084), tuned to
kinds of questions by training/question_kinds/tuning.py. NumPy is enough for a few words, and torch takes a second to import.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from core.text.question_kinds.kinds import KINDS, QuestionKind
from core.text.question_kinds.words.word_data import data_file
from core.text.question_kinds.words.word_pieces import piece_ids

ENCODER_FILE = "sentence_encoder.safetensors"
HEAD_SIZE = 32
EPSILON = 1e-12
"""BERT's, in its layer normalisation."""
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SentenceEncoder:
    """Self-attention and feed-forward layers, each with its normalisation after it, then the mean of all pieces."""

    kinds: tuple[QuestionKind, ...]
    vocabulary: Mapping[str, int]
    """Row of each piece."""
    weights: Mapping[str, Floats]
    """By the names that training/question_kinds/tuning.py gives them; matrices are [out, in]."""
    layers: int

    def probabilities(self, words: Sequence[str]) -> dict[QuestionKind, float]:
        """How likely each kind is for the lower-case words of a question: on average with its question mark and without.

        Some kinds were learnt with one more often than others, and whether somebody types it says nothing of the kind.
        """
        read = [words, [word for word in words if word != "?"]] if "?" in words else [words]
        likely: Floats = np.mean([self._likely(each) for each in read], axis=0)  # [K]
        return dict(zip(self.kinds, likely.tolist(), strict=True))

    def _likely(self, words: Sequence[str]) -> Floats:
        return _softmax(self._linear("kinds", self._mean_of_pieces(words)))

    def _mean_of_pieces(self, words: Sequence[str]) -> Floats:
        rows = piece_ids(words, self.vocabulary)
        states = self.weights["pieces"][rows] + self.weights["places"][: len(rows)]  # [N, D]
        states = self._normalised("embedding", states)
        for layer in range(self.layers):
            states = self._normalised(f"{layer}.attended", states + self._attended(f"{layer}.", states))
            inner = _gelu(self._linear(f"{layer}.inner", states))  # [N, 4 D]
            states = self._normalised(f"{layer}.outer", states + self._linear(f"{layer}.outer", inner))
        mean: Floats = states.mean(axis=0)
        return mean

    def _attended(self, layer: str, states: Floats) -> Floats:
        pieces, size = states.shape
        joined = self._linear(layer + "queries_keys_values", states).reshape(pieces, 3, size // HEAD_SIZE, HEAD_SIZE)
        queries, keys, values = joined.transpose(1, 2, 0, 3)  # each [H, N, D / H]
        attention = _softmax(queries @ keys.transpose(0, 2, 1) / HEAD_SIZE**0.5)  # [H, N, N]
        looked_at = attention @ values  # [H, N, D / H]
        return self._linear(layer + "attention_out", looked_at.transpose(1, 0, 2).reshape(pieces, size))

    def _linear(self, name: str, states: Floats) -> Floats:
        return states @ self.weights[name + ".weight"].T + self.weights[name + ".bias"]

    def _normalised(self, name: str, states: Floats) -> Floats:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + EPSILON)
        normalised: Floats = centred / spread * self.weights[name + "_norm.weight"] + self.weights[name + "_norm.bias"]
        return normalised


def read_encoder(path: Path) -> SentenceEncoder:
    """The encoder that a file holds: matrices as whole steps of an 8-bit scale for each row."""
    with safe_open(path, "numpy") as file:
        described = json.loads(file.metadata()["encoder"])
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    assert {*described["kinds"], "empty"} == set(KINDS), "the encoder is for other kinds"
    names = [name for name in stored if not name.endswith(".steps")]
    weights = {name: _in_full(stored[name], stored.get(name + ".steps")) for name in names}
    vocabulary = {piece: row for row, piece in enumerate(described["pieces"])}
    return SentenceEncoder(tuple(described["kinds"]), vocabulary, weights, described["layers"])


@cache
def load_encoder() -> SentenceEncoder:
    """The encoder that comes with the program."""
    with as_file(data_file(ENCODER_FILE)) as path:
        return read_encoder(path)


def _in_full(values: NDArray[np.generic], steps: Floats | None) -> Floats:
    full = values.astype(np.float32)
    return full if steps is None else full * steps[:, None]


def _softmax(scores: Floats) -> Floats:
    """Over the last axis."""
    likely: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return likely / likely.sum(axis=-1, keepdims=True)


def _gelu(states: Floats) -> Floats:
    """With tanh, which NumPy has (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    cubes = states * states * states  # a power takes NumPy many times as long
    activated: Floats = 0.5 * states * (1 + np.tanh(0.7978845608 * (states + 0.044715 * cubes)))
    return activated
