"""A teacher's features in few numbers: their principal components, each of variance one."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

STEPS = 16
"""A component is kept as a whole number of sixteenths of its standard deviation: eight deviations fit into an int8."""


@dataclass(frozen=True)
class Components:
    """How one teacher's feature vectors are shortened."""

    mean: Tensor
    """[C]."""
    axes: Tensor
    """[P, C], orthonormal, by falling variance."""
    deviations: Tensor
    """[P]: standard deviations along the axes."""

    def shorten(self, features: Tensor) -> Tensor:
        """[B, C, h, w] -> [B, P, h, w], each component with mean 0 and variance 1."""
        matrix = (self.axes / self.deviations[:, None]).to(features.device)
        flat = features.flatten(2)  # [B, C, h * w]
        short = matrix @ (flat - self.mean.to(flat.device)[:, None])
        return short.unflatten(2, features.shape[2:])

    def on_components(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """A linear map of features [K, C], [K] as the one of shortened features that comes closest: [K, P], [K]."""
        return weight @ self.axes.T * self.deviations, bias + weight @ self.mean


def find_components(vectors: Tensor, count: int) -> Components:
    """vectors: [N, C], a sample of a teacher's feature vectors."""
    vectors = vectors.double()
    mean = vectors.mean(0)
    centred = vectors - mean
    variances, axes = torch.linalg.eigh(centred.T @ centred / len(centred))
    variances, axes = variances.flip(0).clamp_min(1e-8), axes.flip(1).T
    # An axis' direction is chance; the sign of its largest number is made positive, so that it is the same everywhere.
    signs = axes.gather(1, axes.abs().argmax(1, keepdim=True)).sign()
    return Components(
        mean=mean.float(),
        axes=(axes * signs)[:count].float().contiguous(),
        deviations=variances[:count].sqrt().float(),
    )


def component_weights(deviations: Tensor) -> Tensor:
    """How much each component counts in a loss, on average 1: as its deviation, between all alike and as they vary."""
    return deviations / deviations.mean()
