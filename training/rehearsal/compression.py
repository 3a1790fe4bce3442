"""Encoder features of photos in a twentieth of their size: the directions that a model looks at, a byte a number.

Shapes: N photos, I image tokens, C encoder width, D model width, K directions.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

LARGEST = 127
"""Of a code, a signed byte."""
CLIPPED = 1e-3
"""Part of a direction's numbers that is cut off at the largest code: without it a few of them would make all others coarse."""
ROWS_AT_ONCE = 8192


@dataclass(frozen=True)
class CompressedFeatures:
    """Features as bytes along K directions."""

    codes: Tensor
    """int8 [N, I, K]"""
    scale: Tensor
    """[K], what a code of 1 is worth."""
    directions: Tensor
    """[K, C]"""
    mean: Tensor
    """[C]"""
    filler: Tensor
    """[C], what the projection doesn't see: it gives each token the length that it had."""

    @property
    def photos(self) -> int:
        return len(self.codes)

    def expanded(self) -> Tensor:
        """All features, float16 [N, I, C], normalised over C."""
        return torch.stack([self._photo(codes) for codes in self.codes])

    def _photo(self, codes: Tensor) -> Tensor:
        kept = (codes.float() * self.scale.float()) @ self.directions.float() + self.mean.float()  # [I, C]
        # The norm would lengthen what is kept until it is as long as the whole was.
        missing = (1 - kept.square().mean(1, keepdim=True)).clamp_min(0).sqrt()
        return (kept + missing * self.filler.float()).half()


def compress(features: Tensor, projection: nn.Sequential, *, directions: int) -> CompressedFeatures:
    """The K directions in which the features, as the model's projection sees them, differ most.

    features: [N, I, C]; projection: LayerNorm over C, then Linear C -> D. The features come back normalised over C, which the
    norm makes of them anyway. After reduced-rank regression (Izenman 1975): what the projection ignores isn't kept, where
    principal components of the features themselves would keep it.
    """
    norm, linear = projection[0], projection[1]
    assert isinstance(norm, nn.LayerNorm)
    assert isinstance(linear, nn.Linear)
    rows = functional.layer_norm(features.flatten(0, 1).float(), (features.shape[-1],), eps=norm.eps)  # [N*I, C]
    mean = rows.mean(0)
    rows = rows - mean
    seen = rows @ (linear.weight.detach().float() * norm.weight.detach().float()).T  # [N*I, D]
    count = min(directions, seen.shape[1])
    _, vectors = torch.linalg.eigh(seen.T @ seen)
    scores = seen @ vectors[:, -count:]  # [N*I, K]
    # Back to features: of all that give these scores, those that are most like the photos' own.
    ridge = 1e-4 * (scores.square().sum(0).mean()) * torch.eye(count)
    back = torch.linalg.solve(scores.T @ scores + ridge, scores.T @ rows)  # [K, C]
    filler = _unseen(torch.cat([back, mean[None], torch.ones_like(mean)[None]]), linear.weight.detach() * norm.weight.detach())
    scale = torch.quantile(scores[:ROWS_AT_ONCE * 2].abs(), 1 - CLIPPED, dim=0).clamp_min(1e-6) / LARGEST
    codes = (scores / scale).round().clamp(-LARGEST, LARGEST).to(torch.int8)
    return CompressedFeatures(codes.view(*features.shape[:2], count), scale, back.half(), mean.half(), filler.half())


def _unseen(used: Tensor, seen: Tensor) -> Tensor:
    """Of what is at a right angle to the used directions [U, C], the one that the projection [D, C] sees least; of length
    sqrt(C), or zero where nothing is left."""
    used, seen = used.float(), seen.float()
    width = used.shape[1]
    if used.shape[0] >= width:
        return torch.zeros(width)
    free = torch.linalg.svd(used, full_matrices=True).Vh[used.shape[0] :]  # [C - U, C]
    through = seen @ free.T
    _, vectors = torch.linalg.eigh(through.T @ through)
    return vectors[:, 0] @ free * width**0.5
