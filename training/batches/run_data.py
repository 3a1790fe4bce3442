"""Everything a run reads while it trains: photos, features and token ids of both splits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.config import ModelConfig
from core.errors import DataError
from core.model.vision_encoder import VisionEncoder
from core.text.prompt import tokenizer_texts
from core.text.tokenizer import Tokenizer
from training.batches.augmentation import augment, cut_out, may_mirror
from training.batches.dataset import PairDataset, encode_pairs
from training.batches.image_store import Progress, store_features, store_pixels, to_tensor, usable_images
from training.batches.pair_tokens import caption_regions_of, presence_rows
from training.batches.regions import PhotoRegions, RegionMasks, read_regions, region_masks
from training.data.captions import CaptionDataset, CaptionedImage
from training.data.qa_pair import QaPair
from training.data.seen_objects import SeenObjects
from training.questions.rules.read_image import ReadImage
from training.questions.vqa_pairs import build_pairs, read_images
from training.run.training_config import TrainingConfig

Prepared = Callable[[str], Progress]
"""Gives the progress callback of a named preparation."""


@dataclass(frozen=True)
class SplitText:
    """Photos of one split with their question-answer pairs."""

    images: list[CaptionedImage]
    pairs: list[QaPair]
    read: list[ReadImage]
    """The photos' captions, parsed; in the order of the photos."""
    seen: dict[str, SeenObjects]
    """What is known to be in those of the photos that have no captions, by name."""
    ready: frozenset[str]
    """Names of the photos whose questions aren't made of captions."""
    regions: list[PhotoRegions] | None = None
    """The photos' marked parts, where they were asked for."""

    def pairs_by_image(self) -> dict[str, list[QaPair]]:
        """For each photo, in the order of `images`."""
        found: dict[str, list[QaPair]] = {image.name: [] for image in self.images}
        for pair in self.pairs:
            found[pair.image].append(pair)
        return found


def read_split(
    dataset: CaptionDataset, split: str, *, seed: int, limit: int, with_regions: bool = False
) -> SplitText:
    """Photos and pairs of a split; of more than `limit` photos (0: no limit) a seeded choice.

    with_regions: read the boxes beside the captions too.
    """
    images = usable_images(dataset.split(split))
    if limit and len(images) > limit:
        images = sorted(random.Random(f"{seed} {split}").sample(images, limit), key=lambda image: image.name)
    if not images:
        raise DataError(f"{dataset.root} holds no photo with a caption or a question in its {split} split.")
    read = read_images(dataset, split)
    by_name = {image.name: image for image in read}
    names = {image.name for image in images}
    pairs = [pair for pair in build_pairs(dataset, split, seed=seed, read=read) if pair.image in names]
    read = [by_name[image.name] for image in images]
    seen = {image.name: image.seen for image in images if image.seen is not None and image.teaches_objects}
    boxes = read_regions(dataset.entities, read, seen) if with_regions and dataset.entities is not None else None
    ready = frozenset(image.name for image in images if not image.asked_by_captions)
    return SplitText(images, pairs, read, seen, ready, boxes)


def build_tokenizer(config: TrainingConfig, text: SplitText) -> Tokenizer:
    """The run's tokenizer: from a word list, or a BPE of the training captions and questions."""
    if config.vocabulary is not None:
        return Tokenizer.from_vocabulary(Path(config.vocabulary))
    captions = [caption for image in text.images for caption in image.captions]
    told = {image.name for image in text.images if image.captions}
    answers = [pair.answer for pair in text.pairs if pair.kind != "caption" or pair.image not in told]
    texts = tokenizer_texts(questions=[pair.question for pair in text.pairs], answers=[*captions, *answers])
    return Tokenizer.train_bpe(texts, vocabulary_size=config.vocabulary_size)


class Views(NamedTuple):
    """Photos as a step sees them, and their marked parts in the same view."""

    images: Tensor
    """The encoder's features [B, I, encoder width], or normalised pixels [B, 3, S, S]."""
    regions: Tensor | None
    """[B, R, side, side]; see RegionMasks."""


@dataclass(frozen=True)
class SplitData:
    """One split ready to train or to measure on."""

    images: list[CaptionedImage]
    pairs: PairDataset
    pixels: NDArray[np.uint8]
    """[N, S, S, 3]"""
    mirror_allowed: Tensor
    """[N], bool"""
    features: tuple[NDArray[np.float16], ...] = ()
    """The frozen encoder's features of the photos, and of their mirror images: each [N, I, encoder width]."""
    regions: RegionMasks | None = None

    def frozen_features(self, photos: Tensor, *, generator: torch.Generator | None) -> Views:
        """Cached features; with a generator, of mirror images for half of those that may be."""
        rows = to_tensor(self.features[0][photos.numpy()]).float()
        regions = self.regions.of(photos.tolist()) if self.regions else None
        if generator is not None and len(self.features) > 1:
            mirrored = (torch.rand(len(photos), generator=generator) < 0.5) & self.mirror_allowed[photos]
            if mirrored.any():
                rows[mirrored] = to_tensor(self.features[1][photos[mirrored].numpy()]).float()
                if regions is not None:
                    regions[mirrored] = regions[mirrored].flip(-1)
        return Views(rows, regions)

    def photos(
        self, photos: Tensor, encoder: VisionEncoder, *, device: torch.device, generator: torch.Generator | None
    ) -> Views:
        """Normalised pixels, augmented where a generator is given."""
        pixels = encoder.normalise(to_tensor(self.pixels[photos.numpy()]).to(device))
        regions = self.regions.of(photos.tolist()) if self.regions else None
        if generator is None:
            return Views(pixels, regions)
        pixels, transforms = augment(pixels, self.mirror_allowed[photos], generator=generator)
        return Views(pixels, None if regions is None else cut_out(regions, transforms))


def load_split(
    text: SplitText, tokenizer: Tokenizer, config: TrainingConfig, model: ModelConfig, folder: Path, *,
    training: bool, progress: Prepared,
) -> SplitData:
    """Pairs as ids and photos as a memory map. Training draws some pairs per photo, measuring takes more of them."""
    names = [image.name for image in text.images]
    drawn = config.presence_per_photo if training else 0
    photo_pairs = encode_pairs(
        # Questions that are drawn afresh take the place of those that were made of captions.
        [pair for pair in text.pairs if not (drawn and pair.kind == "presence" and pair.image not in text.ready)], names,
        tokenizer,
        max_question=model.max_question_tokens,
        max_answer=min(model.max_answer_tokens, config.max_train_tokens if training else model.max_answer_tokens),
        regions_of=caption_regions_of(text.read, text.regions, tokenizer) if training and text.regions is not None else None,
    )
    pairs = PairDataset(
        photo_pairs,
        pad_id=tokenizer.pad_id,
        start_id=tokenizer.start_id,
        captions_per_photo=config.captions_per_photo if training else 5,
        derived_per_photo=config.derived_per_photo if training else 6,
        derived_weight=config.derived_weight,
        presence=presence_rows(
            text.read, text.regions, tokenizer, per_photo=drawn, seed=config.seed, max_question=model.max_question_tokens,
            left_out=text.ready, seen=text.seen,
        ) if drawn else None,
        presence_per_photo=drawn,
        seed=config.seed,
    )
    name = "train" if training else "dev"
    pixels = store_pixels(
        text.images, folder, name=f"{name}_pixels", size=model.image_size, progress=progress(f"reading {name} photos")
    )
    asked = text.pairs_by_image()
    mirror_allowed = torch.tensor([may_mirror(image, asked[image.name]) for image in text.images])
    side = model.image_size // model.patch_size
    regions = region_masks(text.regions, side=side) if training and text.regions is not None else None
    return SplitData(text.images, pairs, pixels, mirror_allowed, regions=regions)


def with_features(
    data: SplitData, encoder: VisionEncoder, folder: Path, *, name: str, views: Sequence[bool], progress: Prepared,
    **settings: Any,
) -> SplitData:
    """The split with cached features for each view (False as it is, True mirrored)."""
    features = tuple(
        store_features(
            data.pixels, encoder, folder, name=f"{name}_features{'_mirrored' * mirrored}", mirrored=mirrored,
            progress=progress(f"looking at {name} photos{' mirrored' * mirrored}"), **settings,
        )
        for mirrored in views
    )
    return replace(data, features=features)
