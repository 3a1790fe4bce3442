"""A linear classifier of question kinds, learnt from wordings (training/question_kinds)."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.text.question_kinds.features import BUCKETS, feature_buckets
from core.text.question_kinds.kinds import KINDS, QuestionKind
from core.text.question_kinds.words.word_data import data_text

WEIGHTS_FILE = "weights.json"


@dataclass(frozen=True)
class KindClassifier:
    """Softmax over a sum of weights."""

    kinds: tuple[QuestionKind, ...]
    weights: NDArray[np.int8]
    """[buckets, kinds], in steps of `scales`."""
    scales: NDArray[np.float32]
    """[kinds]"""
    bias: NDArray[np.float32]
    """[kinds]"""

    def probabilities(self, words: Sequence[str]) -> dict[QuestionKind, float]:
        """How likely each kind is for the lower-case words of a question."""
        buckets = feature_buckets(words)
        total = self.weights[buckets].sum(axis=0, dtype=np.int64) * self.scales  # [F, K] -> [K]
        scores = total / max(1.0, float(len(buckets))) ** 0.5 + self.bias
        likely = np.exp(scores - scores.max())
        return dict(zip(self.kinds, (likely / likely.sum()).tolist(), strict=True))

    def to_json(self) -> str:
        """Everything from_json needs, in ASCII."""
        packed = base64.b64encode(zlib.compress(self.weights.tobytes(), 9)).decode("ascii")
        return json.dumps({
            "kinds": self.kinds, "buckets": self.weights.shape[0], "bias": [round(float(b), 4) for b in self.bias],
            "scales": [float(f"{s:.6g}") for s in self.scales], "weights": packed,
        }, indent=0)

    @classmethod
    def from_json(cls, text: str) -> KindClassifier:
        """The classifier that to_json gave."""
        values = json.loads(text)
        kinds = tuple(values["kinds"])
        assert {*kinds, "empty"} == set(KINDS), "the weights are for other kinds"
        assert values["buckets"] == BUCKETS, "the weights are for other features"
        flat = np.frombuffer(zlib.decompress(base64.b64decode(values["weights"])), dtype=np.int8)
        return cls(
            kinds, flat.reshape(BUCKETS, len(kinds)), np.array(values["scales"], np.float32), np.array(values["bias"], np.float32)
        )


@cache
def load_classifier() -> KindClassifier:
    """The classifier that comes with the program."""
    return KindClassifier.from_json(data_text(WEIGHTS_FILE))
