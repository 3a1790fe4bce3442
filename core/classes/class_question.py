"""A question whose answers are classes: what was learnt to answer it, and how well that works. Imports no torch.

K classes, C the width of the encoder's features, N photos.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.certainty import CertaintyCurve
from core.config import require
from core.errors import ConfigError

NONE_OF_THEM = "None of them"
"""A class of this name, however it is written, holds photos of something else; a photo that fits it best is declined."""
LONGEST_NAME, LONGEST_QUESTION = 60, 200
"""Characters."""
Vector = NDArray[np.float32]


def is_none(name: str) -> bool:
    """Whether a class of this name stands for everything else."""
    return name.strip().casefold() == NONE_OF_THEM.casefold()


@dataclass(frozen=True)
class HeldOutPhoto:
    """One photo of the user's, and what was said of it by a head that hadn't learnt from it."""

    path: str
    true: int
    """Index of its class."""
    said: int
    """Index of the class that it was taken for."""
    certainty: float | None
    """How likely that is right; None where there were too few photos to tell."""
    fits: bool = True
    """Whether it is like the photos of any class; one that isn't would have been declined."""

    @property
    def is_right(self) -> bool:
        return self.true == self.said


@dataclass(frozen=True)
class ClassSummary:
    """All that is known of a class question but the numbers that answer it."""

    question: str
    classes: tuple[str, ...]
    """In the order of all indices."""
    encoder: str
    """Fingerprint of the encoder on whose features it was learnt; no other model can answer it."""
    model: str
    """Name of the model that it was learnt with."""
    photos: tuple[HeldOutPhoto, ...]
    created: str
    """UTC time in ISO 8601."""
    given: int
    """Photos that were to be learnt from, those that couldn't be used counted."""
    notes: tuple[str, ...] = ()
    """What was noticed of the photos, a sentence each: those left out, copies."""

    def __post_init__(self) -> None:
        require(len(self.classes) >= 2, "a class question needs at least two classes")
        count = len(self.classes)
        require(
            all(0 <= photo.true < count and 0 <= photo.said < count for photo in self.photos), "a photo is of an unknown class"
        )

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "question": self.question, "classes": list(self.classes), "encoder": self.encoder, "model": self.model,
            "photos": [[photo.path, photo.true, photo.said, photo.certainty, photo.fits] for photo in self.photos],
            "created": self.created, "given": self.given, "notes": list(self.notes),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises ConfigError for anything that isn't one."""
        try:
            return cls(
                str(values["question"]), tuple(map(str, values["classes"])), str(values["encoder"]), str(values["model"]),
                tuple(
                    HeldOutPhoto(str(path), int(true), int(said), None if sure is None else float(sure), bool(fits))
                    for path, true, said, sure, fits in values["photos"]
                ),
                str(values["created"]), int(values["given"]), tuple(map(str, values["notes"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(f"the class question can't be read: {error!r}") from error


@dataclass(frozen=True)
class ClassHead:
    """Linear in the mean of the encoder's cells, so that each cell has its share in what is said."""

    mean: Vector
    """[C], of the photos learnt from."""
    weights: Vector
    """[C, K]"""
    bias: Vector
    """[K]"""
    directions: Vector
    """[C, K] from the mean to the middle of each class, of length 1."""
    temperature: float
    """Divides the scores before the softmax."""
    least_fit: float
    """See fit; photos below fit none of the classes. Minus infinity where there were too few photos to tell."""
    curve: CertaintyCurve | None = None
    """How likely the class that is said is right, by the logarithm of its share; None where there were too few photos."""
    classes: int = field(init=False)

    def __post_init__(self) -> None:
        width, classes = self.weights.shape
        shapes = (self.mean.shape, self.bias.shape, self.directions.shape)
        require(shapes == ((width,), (classes,), (width, classes)), "the numbers of a class question don't belong together")
        arrays = (self.mean, self.weights, self.bias, self.directions)
        require(all(bool(np.isfinite(array).all()) for array in arrays), "a class question holds values that are not numbers")
        require(self.temperature > 0, "a class question's temperature must be above 0")
        object.__setattr__(self, "classes", classes)

    def log_shares(self, photo: Vector) -> NDArray[np.float64]:
        """[K] logarithms of how the classes share the photo. photo: [C], the mean of its cells."""
        return log_softmax(((photo - self.mean) @ self.weights + self.bias) / self.temperature)

    def fit(self, photo: Vector) -> float:
        """How much the photo goes in the direction of the class that it is most like: a cosine, from -1 to 1."""
        return best_cosine(photo - self.mean, self.directions)

    def evidence(self, cells: Vector, index: int) -> Vector:
        """cells: [P, C]. Returns [P]: how much each speaks for a class against all others, as parts of a whole; 0 where it
        speaks against it."""
        against = self.weights[:, index] - self.weights.mean(axis=1)  # [C]
        found = np.maximum((cells - self.mean) @ against, 0.0)
        total = float(found.sum())
        return (found / total if total > 0 else np.zeros_like(found)).astype(np.float32)


def log_softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Over the last axis."""
    shifted = scores.astype(np.float64) - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def best_cosine(way: NDArray[Any], directions: NDArray[Any]) -> float:
    """way: [C]; directions: [C, K], each of length 1."""
    length = float(np.linalg.norm(way))
    return float((way @ directions).max()) / length if length > 0 else 0.0


@dataclass(frozen=True)
class ClassQuestion:
    """What answers it, and what is known of it."""

    summary: ClassSummary
    head: ClassHead

    def __post_init__(self) -> None:
        require(len(self.summary.classes) == self.head.classes, "a class question has more names than classes, or fewer")


def check_names(question: str, classes: Sequence[str]) -> None:
    """Raises ConfigError where a question or a class can't be called so."""
    require(bool(question.strip()), "Please type the question whose answers the classes are.")
    require(len(question) <= LONGEST_QUESTION, f"The question is too long: at most {LONGEST_QUESTION} characters fit.")
    require(all(name.strip() for name in classes), "Every class needs a name.")
    long = next((name for name in classes if len(name) > LONGEST_NAME), None)
    require(long is None, f"The name of a class is too long: at most {LONGEST_NAME} characters fit.")
    folded = [name.strip().casefold() for name in classes]
    twice = next((name for name in classes if folded.count(name.strip().casefold()) > 1), None)
    require(twice is None, f"Two classes are called “{twice}”.")
