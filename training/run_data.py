"""Everything a run reads while it trains: photos, features and token ids of both splits."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.config import ModelConfig
from core.errors import DataError
from core.prompt import tokenizer_texts
from core.tokenizer import Tokenizer
from core.vision_encoder import VisionEncoder
from training.augmentation import augment, may_mirror
from training.captions import CaptionDataset, CaptionedImage
from training.config import TrainingConfig
from training.dataset import PairDataset, encode_pairs
from training.image_store import Progress, store_features, store_pixels, to_tensor, usable_images
from training.vqa_pairs import QaPair, build_pairs

Prepared = Callable[[str], Progress]
"""Gives the progress callback of a named preparation."""


@dataclass(frozen=True)
class SplitText:
    """Photos of one split with their question-answer pairs."""

    images: list[CaptionedImage]
    pairs: list[QaPair]


def read_split(dataset: CaptionDataset, split: str, *, seed: int, limit: int) -> SplitText:
    """Photos and pairs of a split; of more than `limit` photos (0: no limit) a seeded choice."""
    images = usable_images(dataset.split(split))
    if limit and len(images) > limit:
        images = sorted(random.Random(f"{seed} {split}").sample(images, limit), key=lambda image: image.name)
    if not images:
        raise DataError(f"{dataset.root} holds no photo with a caption in its {split} split.")
    names = {image.name for image in images}
    return SplitText(images, [pair for pair in build_pairs(dataset, split, seed=seed) if pair.image in names])


def build_tokenizer(config: TrainingConfig, text: SplitText) -> Tokenizer:
    """The run's tokenizer: from a word list, or a BPE of the training captions and questions."""
    if config.vocabulary is not None:
        return Tokenizer.from_vocabulary(Path(config.vocabulary))
    captions = [caption for image in text.images for caption in image.captions]
    answers = [pair.answer for pair in text.pairs if pair.kind != "caption"]
    texts = tokenizer_texts(questions=[pair.question for pair in text.pairs], answers=[*captions, *answers])
    return Tokenizer.train_bpe(texts, vocabulary_size=config.vocabulary_size)


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

    def frozen_features(self, photos: Tensor, *, generator: torch.Generator | None) -> Tensor:
        """Cached features [B, I, encoder width]; with a generator, of mirror images for half of those that may be."""
        rows = to_tensor(self.features[0][photos.numpy()]).float()
        if generator is not None and len(self.features) > 1:
            mirrored = (torch.rand(len(photos), generator=generator) < 0.5) & self.mirror_allowed[photos]
            if mirrored.any():
                rows[mirrored] = to_tensor(self.features[1][photos[mirrored].numpy()]).float()
        return rows

    def photos(
        self, photos: Tensor, encoder: VisionEncoder, *, device: torch.device, generator: torch.Generator | None
    ) -> Tensor:
        """Normalised pixels [B, 3, S, S], augmented where a generator is given."""
        pixels = encoder.normalise(to_tensor(self.pixels[photos.numpy()]).to(device))
        return pixels if generator is None else augment(pixels, self.mirror_allowed[photos], generator=generator)


def load_split(
    text: SplitText, tokenizer: Tokenizer, config: TrainingConfig, model: ModelConfig, folder: Path, *,
    training: bool, progress: Prepared,
) -> SplitData:
    """Pairs as ids and photos as a memory map. Training draws some pairs per photo, measuring takes more of them."""
    names = [image.name for image in text.images]
    photo_pairs = encode_pairs(
        text.pairs, names, tokenizer, max_question=model.max_question_tokens,
        max_answer=min(model.max_answer_tokens, config.max_train_tokens if training else model.max_answer_tokens),
    )
    pairs = PairDataset(
        photo_pairs,
        pad_id=tokenizer.pad_id,
        start_id=tokenizer.start_id,
        captions_per_photo=config.captions_per_photo if training else 5,
        derived_per_photo=config.derived_per_photo if training else 6,
        derived_weight=config.derived_weight,
        seed=config.seed,
    )
    name = "train" if training else "dev"
    pixels = store_pixels(
        text.images, folder, name=f"{name}_pixels", size=model.image_size, progress=progress(f"reading {name} photos")
    )
    return SplitData(text.images, pairs, pixels, torch.tensor([may_mirror(image) for image in text.images]))


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
