"""Which photos a model's certainty is measured on, and what is asked about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.data.captions import CaptionDataset, CaptionedImage
from training.data.known_objects import KnownObjects
from training.evaluation.certainty.judged_questions import JudgedQuestion, judged_questions
from training.evaluation.sweep.dev_set import choose_photos


@dataclass(frozen=True)
class AskedPhotos:
    """Photos with questions, in the order of their features."""

    data: tuple[str, ...]
    """Names of their collections."""
    looked_at: int
    """The first so many are measured otherwise too."""
    images: tuple[CaptionedImage, ...]
    questions: tuple[JudgedQuestion, ...]

    @property
    def more_images(self) -> list[CaptionedImage]:
        """Those that are looked at for these questions alone."""
        return list(self.images[self.looked_at :])


def asked_photos(
    dataset: CaptionDataset, images: Sequence[CaptionedImage], more: Sequence[CaptionDataset], known: KnownObjects, *,
    split: str, limit: int, seed: int,
) -> AskedPhotos:
    """The given photos of a dataset's split, the others of it that people asked about, and those of more datasets.

    limit: of the photos of each dataset; 0: none.
    """
    names = {image.name for image in images}
    parts: list[tuple[CaptionDataset, list[CaptionedImage]]] = [
        (dataset, [image for image in choose_photos(dataset, split, limit=limit, seed=seed) if image.name not in names])
    ]
    parts += [(other, choose_photos(other, split, limit=limit, seed=seed)) for other in more]
    chosen, questions = list(images), judged_questions(dataset, images, known, split=split, seed=seed)
    for other, found in parts:
        asked = [image for image in found if image.questions]
        questions += [question.about(len(chosen)) for question in judged_questions(other, asked, known, split=split, seed=seed)]
        chosen += asked
    data = dict.fromkeys(other.root.resolve().name for other in (dataset, *more))
    return AskedPhotos(tuple(data), len(images), tuple(chosen), tuple(questions))
