"""The vision transformer that learns, with a head for each thing that it learns to predict, and how wrong it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.model.vision_encoder import VisionEncoder


class Predictions(NamedTuple):
    """What a student predicts of photos."""

    maps: Tensor
    """[B, D, g, g]: the teachers' shortened features at each patch."""
    classes: Tensor
    """[B, K]: all teachers' class scores."""
    words: Tensor
    """[B, W]: logits of the captions' words."""


class Student(nn.Module):
    """An encoder and three linear heads, which aren't kept when it has learnt."""

    def __init__(self, encoder_name: str, *, features: int, classes: int, words: int, image_size: int = 224) -> None:
        super().__init__()
        self.encoder = VisionEncoder(encoder_name, image_size=image_size)
        width = self.encoder.width
        self.map_head = nn.Linear(width, features)
        self.class_head = nn.Linear(width, classes)
        self.word_head = nn.Linear(3 * width, words) if words else None
        if self.word_head is not None:
            # From zero: a loss that sums over hundreds of words would else throw the encoder far off in the first steps.
            nn.init.zeros_(self.word_head.weight)

    def forward(self, pixels: Tensor) -> Predictions:
        """pixels: [B, 3, S, S], from 0 to 255."""
        tokens = look(self.encoder, pixels)
        side = math.isqrt(tokens.shape[1] - 1)
        maps = self.map_head(tokens[:, 1:]).transpose(1, 2).unflatten(2, (side, side))
        words = tokens.new_zeros(len(tokens), 0) if self.word_head is None else self.word_head(summary(tokens))
        return Predictions(maps.float(), self.class_head(tokens[:, 0]).float(), words.float())


def look(encoder: VisionEncoder, pixels: Tensor) -> Tensor:
    """pixels: [B, 3, S, S], from 0 to 255. Returns the encoder's tokens, [B, 1 + g * g, width]."""
    mean = pixels.new_tensor(encoder.mean)[:, None, None] * 255
    std = pixels.new_tensor(encoder.std)[:, None, None] * 255
    return encoder((pixels - mean) / std)


def summary(tokens: Tensor) -> Tensor:
    """Mean and maximum over the patches, and the class token: [B, 3 * width]."""
    patches = tokens[:, 1:]
    return torch.cat([patches.mean(1), patches.amax(1), tokens[:, 0]], 1)


@dataclass(frozen=True)
class Truth:
    """What the student should predict of photos, and how much that counts."""

    maps: Tensor
    """[B, D, g, g], whitened components of all teachers."""
    classes: tuple[Tensor, ...]
    """[B, K] of each teacher: probabilities."""
    words: Tensor
    """[B, W]: which part of a photo's captions would have the word."""


@dataclass(frozen=True)
class LossWeights:
    """How much each part counts in the loss."""

    components: Tensor
    """[D], on average 1 for each teacher."""
    classes: float
    words: float


def losses(predicted: Predictions, truth: Truth, weights: LossWeights) -> dict[str, Tensor]:
    """Each kind of mistake, weighted; their sum is what is made smaller."""
    scale = weights.components[:, None, None]
    distance = (functional.smooth_l1_loss(predicted.maps, truth.maps, reduction="none") * scale).mean()
    root = scale.sqrt()
    teachers = len(truth.classes)
    angles = [
        1 - functional.cosine_similarity(ours, theirs, dim=1).mean()
        for ours, theirs in zip((predicted.maps * root).chunk(teachers, 1), (truth.maps * root).chunk(teachers, 1), strict=True)
    ]
    found = {"maps": distance + 0.5 * sum(angles, distance.new_zeros(())) / teachers}
    if weights.classes:
        scores = predicted.classes.split([theirs.shape[1] for theirs in truth.classes], 1)
        crosses = [-(theirs * ours.log_softmax(1)).sum(1).mean() for ours, theirs in zip(scores, truth.classes, strict=True)]
        found["classes"] = weights.classes * sum(crosses, distance.new_zeros(())) / teachers
    if weights.words and predicted.words.shape[1]:
        wrong = functional.binary_cross_entropy_with_logits(predicted.words, truth.words, reduction="none")
        found["words"] = weights.words * wrong.sum(1).mean()
    return found
