"""New photos and old ones as one split: each pass shows all new ones, and as many old ones as is wanted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from core.config import ModelConfig
from core.files.checkpoint import ModelFile
from core.text.tokenizer import Tokenizer
from training.batches.dataset import PairDataset, PhotoPairs, encode_pairs
from training.batches.run_data import SplitData
from training.data.qa_pair import QaPair
from training.rehearsal.rehearsal_file import Rehearsal
from training.run.training_config import TrainingConfig
from training.teaching.settings import TeachSettings


class MixedDataset(PairDataset):
    """The new photos come first; a batch has its new photos first, too."""

    def __init__(self, new: Sequence[PhotoPairs], old: Sequence[PhotoPairs], *, settings: TeachSettings, **drawing: Any) -> None:
        super().__init__([*new, *old], seed=settings.seed, **drawing)
        self._new, self._old = len(new), len(old)
        self._rounds = max(1, -(-settings.photos_per_pass // max(1, len(new))))
        self._old_drawn = round(settings.old_per_new * self._rounds * len(new))

    def __len__(self) -> int:
        """Photos of a pass."""
        return self._rounds * self._new + (self._old_drawn if self._old else 0)

    def order(self, epoch: int) -> list[int]:
        """Drawn for a pass."""
        draw = random.Random(f"{self._seed} order {epoch}")
        old = [self._new + draw.randrange(self._old) for _ in range(self._old_drawn)] if self._old else []
        order = [*range(self._new)] * self._rounds + old
        draw.shuffle(order)
        return order

    def arranged(self, photos: Sequence[int]) -> list[int]:
        """The photos of one batch, new ones first."""
        return sorted(photos)


def token_pairs(pairs: Sequence[Sequence[QaPair]], tokenizer: Tokenizer, sizes: ModelConfig, *, longest: int) -> list[PhotoPairs]:
    """For each photo. longest: tokens of an answer; what goes on is cut."""
    names = [str(place) for place in range(len(pairs))]
    placed = [replace(pair, image=name) for name, asked in zip(names, pairs, strict=True) for pair in asked]
    return encode_pairs(
        placed, names, tokenizer, max_question=sizes.max_question_tokens, max_answer=min(longest, sizes.max_answer_tokens)
    )


def old_features(rehearsal: Rehearsal) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Of the photos to learn from, and of those to measure on: float16 [N, I, C]."""
    features = rehearsal.features.expanded().numpy()
    return features[: rehearsal.learnt], features[rehearsal.learnt :]


def mixed_split(
    own: SplitData, own_pairs: Sequence[PhotoPairs], old: np.ndarray[Any, Any], old_pairs: Sequence[PhotoPairs], *,
    settings: TeachSettings, config: TrainingConfig, tokenizer: Tokenizer,
) -> SplitData:
    """New photos with their mirror images, and old ones, of which only features are known."""
    pairs = MixedDataset(
        own_pairs, old_pairs, settings=settings, pad_id=tokenizer.pad_id, start_id=tokenizer.start_id,
        captions_per_photo=config.captions_per_photo, derived_per_photo=config.derived_per_photo,
        derived_weight=config.derived_weight,
    )
    plain, *mirrored = own.features
    unmirrored = torch.zeros(len(old), dtype=torch.bool)
    return replace(
        own, pairs=pairs, features=(np.concatenate([plain, old]), *mirrored),
        mirror_allowed=torch.cat([own.mirror_allowed, unmirrored]),
    )


def ask_only(
    features: np.ndarray[Any, Any], pairs: Sequence[Sequence[QaPair]], model: ModelFile, *, captions: int = 5, derived: int = 6
) -> SplitData:
    """Photos to measure the loss on, of which only features and pairs are known. captions, derived: at most, of each photo."""
    ids = token_pairs(pairs, model.tokenizer, model.config, longest=model.config.max_answer_tokens)
    dataset = PairDataset(
        ids, pad_id=model.tokenizer.pad_id, start_id=model.tokenizer.start_id, captions_per_photo=captions,
        derived_per_photo=derived, seed=0,
    )
    no_pixels = np.zeros((len(features), 0, 0, 3), dtype=np.uint8)
    return SplitData([], dataset, no_pixels, torch.zeros(len(features), dtype=torch.bool), features=(features,))
