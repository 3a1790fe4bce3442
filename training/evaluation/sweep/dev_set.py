"""Photos that a model is measured on, what its encoder sees of them, and its captions."""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.config import GenerationConfig
from core.errors import ImageError
from core.files.checkpoint import ModelFile
from core.model.interventions import ImageContrast, Intervention
from training.batches.image_store import Progress, encode_photos, read_photo, usable_images
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.known_objects import KnownObjects
from training.evaluation.sweep.answering import answer_questions
from training.evaluation.sweep.kept_answers import AnswersSoFar
from training.language.object_lexicon import load_object_lexicon
from training.machine.distributed import trains_in_bfloat16
from training.questions.vqa_pairs import CAPTION_QUESTION, QaPair
from training.run.training_config import PrecisionName

log = logging.getLogger(__name__)

FEATURES = torch.float16
PROGRESS_STEP = 50
"""Photos read between two reports of progress."""


@dataclass(frozen=True)
class DevSet:
    """Photos that the model hasn't trained on, and what is asked about them."""

    images: list[CaptionedImage]
    features: torch.Tensor
    """[N, I, encoder width], float16; of a pretrained model the photos' places, see sweep.subject"""
    pairs: list[list[QaPair]] = field(default_factory=list[list[QaPair]])
    """For each photo."""
    distorted: torch.Tensor | None = None
    """[N, I, encoder width], float16: features of the photos under noise, where a contrast with them is measured."""
    known: KnownObjects = field(default_factory=lambda: KnownObjects(load_object_lexicon()))
    """The objects that captions are judged by."""

    def part(self, photos: Sequence[int]) -> DevSet:
        """Some of the photos, without what is asked about them."""
        return replace(
            self, images=[self.images[photo] for photo in photos], features=self.features[list(photos)], pairs=[],
            distorted=None if self.distorted is None else self.distorted[list(photos)],
        )

    @property
    def kinds(self) -> list[str]:
        return [pair.kind for pairs in self.pairs for pair in pairs]

    @property
    def expected(self) -> list[str]:
        return [pair.answer for pairs in self.pairs for pair in pairs]

    @property
    def references(self) -> dict[str, list[str]]:
        return {image.name: list(image.captions) for image in self.images}


def choose_photos(
    dataset: CaptionDataset, split: str, *, limit: int, seed: int, captioned: bool = False, asked: bool = False
) -> list[CaptionedImage]:
    """The photos of a split that something is said of; of more than `limit` (0: no limit) a seeded choice, sorted by name.

    captioned: only those with captions; asked: only those that people asked about.
    """
    images = [
        image for image in usable_images(dataset.split(split))
        if (image.captions or not captioned) and (image.asked_by_people or not asked)
    ]
    if limit and len(images) > limit:
        images = sorted(random.Random(seed).sample(images, limit), key=lambda image: image.name)
    return images


def read_photos(images: list[CaptionedImage], size: int, *, progress: Progress | None = None) -> NDArray[np.uint8]:
    """The photos squashed to size x size: uint8 [N, size, size, 3]."""
    pixels = np.empty((len(images), size, size, 3), dtype=np.uint8)
    for index, image in enumerate(images):
        pixels[index] = read_photo(image, size)
        done = index + 1
        if progress is not None and (done % PROGRESS_STEP == 0 or done == len(images)):
            progress(done, len(images))
    return pixels


def read_intact_photos(images: list[CaptionedImage], size: int) -> tuple[list[CaptionedImage], NDArray[np.uint8]]:
    """Those that can be decoded, and their pixels as `read_photos` has them; the others are logged. Raises ImageError for a photo
    that is no longer there."""
    intact: list[CaptionedImage] = []
    pixels = np.empty((len(images), size, size, 3), dtype=np.uint8)
    for image in images:
        try:
            pixels[len(intact)] = read_photo(image, size)
        except ImageError as error:
            if not image.path.is_file():
                raise
            log.warning("%s", error)
        else:
            intact.append(image)
    return intact, pixels[: len(intact)]


def photo_features(
    file: ModelFile, pixels: NDArray[np.uint8], *, precision: PrecisionName, device: torch.device, progress: Progress,
    distortion: ImageContrast | None = None,
) -> torch.Tensor:
    """What the model's encoder sees of the photos (see read_photos), or of their distortions: [N, I, encoder width], float16."""
    encoder = file.model.to(device).encoder
    autocast = trains_in_bfloat16(precision, device)
    batches = encode_photos(
        encoder, pixels, device=device, autocast=autocast, progress=progress, distortion=distortion
    )
    return torch.cat([part.to(FEATURES).cpu() for _, part in batches])


def used_precision(file: ModelFile, *, precision: PrecisionName, device: torch.device) -> dict[str, str]:
    """Names of the number formats in which photos are encoded, features are kept, and answers are computed from them."""
    weights = file.model.token_embedding.weight.dtype
    encoder = torch.bfloat16 if trains_in_bfloat16(precision, device) else weights
    used = {"encoder": encoder, "features": FEATURES, "answers": weights}
    return {name: str(dtype).removeprefix("torch.") for name, dtype in used.items()}


def describe(
    file: ModelFile, dev: DevSet, intervention: Intervention | None, generation: GenerationConfig, progress: Progress, *,
    so_far: AnswersSoFar | None = None,
) -> list[str]:
    """The model's caption of each photo. so_far: see answer_questions."""
    answers = answer_questions(
        file.model, file.tokenizer, dev.features, [[CAPTION_QUESTION]] * len(dev.images), intervention=intervention,
        generation=generation, progress=progress, distorted=dev.distorted, so_far=so_far,
    )
    return [captions[0] for captions in answers]
