"""The photos that are taught, and those of them that are kept back; with their questions in the words that the model is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import DataError
from core.text.question_kinds.kinds import is_answerable_kind
from core.text.question_kinds.understanding import understand_question
from training.batches.image_store import usable_images
from training.batches.run_data import SplitText, read_split
from training.data.captions import CaptionedImage
from training.data.collections import load_collections
from training.data.qa_pair import QaPair
from training.teaching.report import FEWEST_TO_TELL
from training.teaching.settings import FEWEST_PHOTOS, TeachSettings

MOST_HELD_OUT = 64


@dataclass(frozen=True)
class OwnPhotos:
    """Whole photos are kept back: questions about one photo are not independent."""

    taught: SplitText
    held_out: SplitText
    left_out: int
    """Photos beyond the most that are taken."""


def read_own_photos(settings: TeachSettings) -> OwnPhotos:
    """Raises DataError where there are too few of them."""
    dataset = load_collections(settings.folders, seed=settings.seed)
    images = sorted(usable_images(dataset.images), key=lambda image: image.name)
    if len(images) < FEWEST_PHOTOS:
        raise DataError(
            f"There are right answers about {len(images)} photo{'s' * (len(images) != 1)}; {FEWEST_PHOTOS} are the fewest that "
            "a model can be taught with."
        )
    draw = random.Random(f"{settings.seed} taught")
    chosen = draw.sample(images, min(settings.max_photos, len(images)))
    enough = FEWEST_TO_TELL if len(chosen) >= 2 * FEWEST_TO_TELL else 1
    kept_back = min(MOST_HELD_OUT, max(enough, round(settings.held_out * len(chosen))))
    split = [replace(image, split="dev" if place < kept_back else "train") for place, image in enumerate(chosen)]
    ours = replace(dataset, images=tuple(sorted(split, key=lambda image: image.name)))
    taught, held_out = (
        _as_asked(read_split(ours, name, seed=settings.seed, limit=0)) for name in ("train", "dev")
    )
    return OwnPhotos(taught, held_out, len(images) - len(chosen))


def _as_asked(text: SplitText) -> SplitText:
    """The model is asked questions as they are understood, so it is taught in those words too."""
    ready = {(pair.image, pair.question, pair.kind) for image in text.images for pair in image.questions}
    return replace(text, pairs=[
        replace(pair, question=model_question(pair.question)) if (pair.image, pair.question, pair.kind) in ready else pair
        for pair in text.pairs
    ])


def model_question(typed: str) -> str:
    """A question as it goes to the model; as it was typed where it is one that the program declines."""
    understood = understand_question(typed)
    return understood.text if understood.text and is_answerable_kind(understood.kind) else typed


def pairs_of(text: SplitText) -> list[list[QaPair]]:
    """For each photo, in the order of its images."""
    asked = text.pairs_by_image()
    return [asked[image.name] for image in text.images]


def names_of(images: Sequence[CaptionedImage]) -> list[str]:
    return [image.name for image in images]
