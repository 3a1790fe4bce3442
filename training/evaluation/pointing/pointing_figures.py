"""The figures of pointing, from what each head's attention on each word's box was.

Shapes: N photos, W words, L layers, H heads, P places of the photo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from training.evaluation.metrics.bootstrap import Interval, bootstrap_interval
from training.evaluation.report_schema import Numbers, Pointing
from training.evaluation.sweep.sweep_rows import SEED, FloatArray, shares

HIT, MASS, COUNT = range(3)
SCORES = {"hit": HIT, "mass": MASS}
"""In percent of the words, and of the attention on places of the photo."""


@dataclass(frozen=True)
class PointingSums:
    """Sums over each photo's words, as percent times words; [..., 3] are hit, mass and words."""

    heads: FloatArray
    """[N, L, H, 3]"""
    kept: FloatArray
    """[N, 3]"""
    suppressed: FloatArray
    overlay: FloatArray

    @classmethod
    def empty(cls, photos: int, layers: int, heads: int) -> PointingSums:
        return cls(np.zeros((photos, layers, heads, 3)), *(np.zeros((photos, 3)) for _ in range(3)))

    def add(self, rows: NDArray[np.int64], heads: torch.Tensor, overlay: torch.Tensor, gate: torch.Tensor) -> None:
        """Words of these photos: rows [W]; heads [W, L, H, 3] and overlay [W, 3] as falls_inside has them; gate [W, L, H] is
        1 for the heads that SPIN would keep, else 0."""
        kept = gate[..., None]
        parts = (
            (self.heads, heads), (self.overlay, overlay), (self.kept, (heads * kept).sum((1, 2)) / gate[0].sum()),
            (self.suppressed, (heads * (1 - kept)).sum((1, 2)) / (1 - gate[0]).sum().clamp_min(1)),
        )
        for table, values in parts:
            np.add.at(table, rows, values.double().cpu().numpy())

    def mean_head(self) -> FloatArray:
        """[N, 3]"""
        return self.heads.mean(axis=(1, 2))

    def by_head(self) -> tuple[tuple[Numbers, ...], ...]:
        total = self.heads.sum(axis=0)  # [L, H, 3]
        return tuple(
            tuple({name: float(head[part] / head[COUNT]) for name, part in SCORES.items()} for head in layer) for layer in total
        )


def _intervals(table: FloatArray) -> dict[str, Interval]:
    """table: [N, 3]"""
    return {name: bootstrap_interval(table[:, [part, COUNT]], shares, seed=SEED) for name, part in SCORES.items()}


def pointing_of(own: PointingSums, other: PointingSums, areas: Sequence[float], *, keep: int) -> Pointing:
    """The report. other: the same words with another photo; areas: each word's boxes as a part of the photo; keep: heads that
    SPIN would keep in a layer."""
    chance = 100 * float(np.mean(areas))
    groups = {"all_heads": own.mean_head(), "kept": own.kept, "overlay": own.overlay, "shuffled": other.mean_head()}
    if keep < own.heads.shape[2]:
        groups["suppressed"] = own.suppressed
    scores = {name: _intervals(table) for name, table in groups.items()}
    return Pointing(len(areas), keep, {"hit": chance, "mass": chance}, scores, own.by_head())


def falls_inside(patches: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
    """Hit and mass in percent, and 1: [..., 3]. patches: [..., P]; inside: the same, or broadcasting to it."""
    inside = inside.expand(patches.shape)
    hit = inside.gather(-1, patches.argmax(-1, keepdim=True)).squeeze(-1).float()
    mass = (patches * inside).sum(-1) / patches.sum(-1).clamp_min(1e-9)
    return torch.stack([100 * hit, 100 * mass, torch.ones_like(mass)], dim=-1)
