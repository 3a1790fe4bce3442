"""How much an encoder's features tell of what photos show: average precision for the words of their captions.

A ridge regression of the features of one half of the photos foretells the words of the other half, and the other way
round; words are those of at least twelve photos.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.compute_device import multiplies_bfloat16
from core.model.vision_encoder import VisionEncoder
from training.distillation.photo_pack import PhotoSet
from training.distillation.student import look, summary
from training.distillation.teachers import Teacher, judge
from training.distillation.views import WHOLE, cut_out
from training.distillation.words import frequent_words, word_shares

FEWEST_PHOTOS = 12
RIDGES = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Strengths of the regression per feature; the best one counts, for every encoder alike."""
BATCH = 50


def mean_average_precision(features: Tensor, captions: Sequence[Sequence[str]], *, fewest: int = FEWEST_PHOTOS) -> float:
    """features: [N, D]. Returns the mean over words and halves, from 0 to 1."""
    there = (word_shares(captions, frequent_words(captions, photos=fewest)) > 0).float()
    order = torch.randperm(len(features), generator=torch.Generator().manual_seed(0))
    one, other = order[: len(order) // 2], order[len(order) // 2 :]
    return max(
        (_across(features, there, one, other, ridge) + _across(features, there, other, one, ridge)) / 2 for ridge in RIDGES
    )


def _across(features: Tensor, there: Tensor, known: Tensor, asked: Tensor, ridge: float) -> float:
    mean, deviation = features[known].mean(0), features[known].std(0) + 1e-6
    ours, theirs = (features[known] - mean) / deviation, (features[asked] - mean) / deviation
    gram = ours @ ours.T + ridge * ours.shape[1] * torch.eye(len(ours))
    scores = theirs @ ours.T @ torch.linalg.solve(gram, there[known] - there[known].mean(0))
    precision = average_precision(scores, there[asked])
    return precision[there[asked].sum(0) > 0].mean().item()


def average_precision(scores: Tensor, there: Tensor) -> Tensor:
    """Of each word: scores and there are [N, W]; returns [W]."""
    hits = there.gather(0, scores.argsort(dim=0, descending=True, stable=True))
    precision = hits.cumsum(0) / torch.arange(1, len(hits) + 1)[:, None]
    return (precision * hits).sum(0) / hits.sum(0).clamp_min(1)


@torch.no_grad()
def _features(photos: PhotoSet, size: int, device: torch.device, of: Callable[[Tensor], Tensor]) -> Tensor:
    found: list[Tensor] = []
    for pixels in photos.pixels.split(BATCH):
        shown = pixels.to(device).float()
        if shown.shape[-1] != size:
            shown = cut_out(shown, torch.tensor([WHOLE]).expand(len(shown), 4), size)
        found.append(of(shown).float().cpu())
    return torch.cat(found)


def encoder_features(encoder: VisionEncoder, photos: PhotoSet, *, size: int, device: torch.device) -> Tensor:
    """Mean, maximum and class token: [N, 3 * width]."""

    def features_of(pixels: Tensor) -> Tensor:
        with torch.autocast(device.type, torch.bfloat16, enabled=multiplies_bfloat16(device)):
            return summary(look(encoder, pixels))

    return _features(photos, size, device, features_of)


def teacher_features(teacher: Teacher, photos: PhotoSet, *, side: int, device: torch.device) -> Tensor:
    """Mean and maximum of the map: [N, 2 * C]."""

    def features_of(pixels: Tensor) -> Tensor:
        seen = judge(teacher, pixels, side=side)
        return torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)

    return _features(photos, photos.pixels.shape[-1], device, features_of)
