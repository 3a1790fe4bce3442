"""Parts of photos as boxes, and how pixels and maps are cut out along them.

A box is [x, y, w, h]: its centre and half its sides, where the whole photo is [0, 0, 1, 1]. A negative w mirrors.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

WHOLE = (0.0, 0.0, 1.0, 1.0)


def random_boxes(count: int, *, smallest: float, mirror: bool, generator: torch.Generator) -> Tensor:
    """[count, 4]: boxes of at least the part `smallest` of the area, with sides from 3 : 4 to 4 : 3."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    area, ratio = uniform(smallest, 1), uniform(math.log(3 / 4), math.log(4 / 3)).exp()
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    x, y = uniform(-1, 1) * (1 - width), uniform(-1, 1) * (1 - height)
    sides = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0) if mirror else torch.ones(count)
    return torch.stack([x, y, width * sides, height], 1)


def inside(outer: Tensor, inner: Tensor) -> Tensor:
    """Boxes given inside of boxes, as boxes of the photo. All [B, 4]."""
    centre = outer[:, :2] + outer[:, 2:] * inner[:, :2]
    return torch.cat([centre, outer[:, 2:] * inner[:, 2:]], 1)


def cut_out(values: Tensor, boxes: Tensor, size: int) -> Tensor:
    """values: [B, C, h, w], float; boxes: [B, 4]. Returns the boxes' content, [B, C, size, size]."""
    count, channels = values.shape[:2]
    transforms = torch.zeros(count, 2, 3)
    transforms[:, 0, 0], transforms[:, 0, 2] = boxes[:, 2], boxes[:, 0]
    transforms[:, 1, 1], transforms[:, 1, 2] = boxes[:, 3], boxes[:, 1]
    grid = functional.affine_grid(transforms.to(values.device), [count, channels, size, size], align_corners=False)
    return functional.grid_sample(values, grid, padding_mode="border", align_corners=False)


def recolour(pixels: Tensor, *, generator: torch.Generator) -> Tensor:
    """Change brightness, contrast and tint of photos, mildly: colours keep their names. pixels: [B, 3, S, S], 0 to 255."""
    count = len(pixels)

    def uniform(low: float, high: float, channels: int = 1) -> Tensor:
        return torch.empty(count, channels, 1, 1).uniform_(low, high, generator=generator).to(pixels.device)

    tint = uniform(0.88, 1.12, 3)
    contrast, shift = uniform(0.7, 1.3), uniform(-25, 25)
    return ((pixels - 128) * contrast + 128 + shift).mul(tint).clamp(0, 255)
