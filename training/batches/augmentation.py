"""Mild changes to training photos that keep their captions true.

No tight crops (captions count things), no hue change (a third of the captions name a colour), and no mirror image where
a caption speaks of left, right or of something written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional

from training.data.captions import CaptionedImage
from training.data.qa_pair import QaPair

_SIDED = re.compile(
    r"\b(left|right|sign|signs|letter|letters|number|numbers|numbered|word|words|written|writing|logo|text)\b", re.IGNORECASE
)

_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)

SMALLEST_CROP = 0.8
"""Smallest part of a side that a crop keeps."""
BRIGHTNESS = 0.2
"""Largest relative change of brightness and of contrast."""


def may_mirror(image: CaptionedImage, pairs: Iterable[QaPair] = ()) -> bool:
    """Whether the photo's captions, and what is asked about it, stay true for its mirror image."""
    if any(map(_SIDED.search, image.captions)):
        return False
    # "Is there a sign?" is as true of the mirror image; "Is the dog left of the cat?" isn't.
    return not any(
        (_SIDES if pair.kind == "presence" else _SIDED).search(f"{pair.question} {pair.answer}") for pair in pairs
    )


def augment(pixels: Tensor, mirror_allowed: Tensor, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """A random crop, mirror image and change of brightness and contrast for each photo.

    pixels: [B, 3, S, S], normalised around 0; mirror_allowed: [B], bool. Random numbers come from the generator (on the
    CPU) alone, so that a resumed run sees the same photos. Returns the views, and for each how it was cut out: [B, 2, 3].
    """
    count = len(pixels)

    def uniform(low: float, high: float) -> Tensor:
        return torch.empty(count).uniform_(low, high, generator=generator)

    width, height = uniform(SMALLEST_CROP, 1), uniform(SMALLEST_CROP, 1)
    mirrored = (uniform(0, 1) < 0.5) & mirror_allowed.cpu()
    transforms = torch.zeros(count, 2, 3)
    transforms[:, 0, 0] = torch.where(mirrored, -width, width)
    transforms[:, 1, 1] = height
    transforms[:, 0, 2] = uniform(-1, 1) * (1 - width)
    transforms[:, 1, 2] = uniform(-1, 1) * (1 - height)
    gain = uniform(1 - BRIGHTNESS, 1 + BRIGHTNESS)[:, None, None, None]
    shift = uniform(-BRIGHTNESS, BRIGHTNESS)[:, None, None, None]
    return cut_out(pixels, transforms) * gain.to(pixels.device) + shift.to(pixels.device), transforms


def cut_out(images: Tensor, transforms: Tensor) -> Tensor:
    """The part of each image that a transform shows, in the same size. images: [B, C, S, S]; transforms: [B, 2, 3]."""
    grid = functional.affine_grid(transforms.to(images.device), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
