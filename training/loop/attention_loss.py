"""A loss that draws some cross-attention heads to the part of the photo that the next word describes.

Half of the heads of the middle layers are drawn, always the same; the others stay free to read the question or to look
elsewhere. Only where a head looks within the photo counts, not how much it looks at the photo.

Shapes: B photos, G sequences per photo, T tokens, H heads, I image tokens, R regions of a photo, S patches along a side.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.model.attention import HeadRecord
from training.batches.dataset import NO_REGION

SMALLEST_REGION = 0.25
"""Regions of less, in patches, don't count: a crop has left hardly anything of them."""
SMALLEST_PART = 1e-4
"""Of a head's attention; keeps the logarithm finite."""


def drawn_layers(layers: int) -> range:
    """The middle layers: the first ones find words, the last ones choose among them."""
    return range(layers // 4, layers - layers // 4)


def attention_loss(
    heads: Sequence[HeadRecord], described: Tensor, regions: Tensor, *, hidden_images: Tensor | None = None
) -> Tensor:
    """Summed over tokens: -log of the part of a head's attention on patches that lies in the region, mean over the heads.

    heads: of every layer; described: [B, G, T] number of the region that each target describes, NO_REGION where none;
    regions: [B, R, S, S]; hidden_images: [B], True where the photo is blanked out. float32 scalar.
    """
    known = described != NO_REGION
    if hidden_images is not None:
        known = known & ~hidden_images[:, None, None]
    photo, sequence, token = known.nonzero(as_tuple=True)
    masks = regions[photo, described[photo, sequence, token]].flatten(1)  # [N, S*S]
    seen = masks.sum(1) >= SMALLEST_REGION
    photo, sequence, token, masks = photo[seen], sequence[seen], token[seen], masks[seen]
    chosen = [heads[layer] for layer in drawn_layers(len(heads))]
    losses: list[Tensor] = []
    for record in chosen:
        number = (record.image_attention.shape[1] + 1) // 2
        attention = record.image_attention[:, :number].movedim(1, 3)[photo, sequence, token]  # [N, heads, I]
        losses.append(_outside(attention, masks))
    return torch.stack(losses).mean(0).sum()


def _outside(attention: Tensor, masks: Tensor) -> Tensor:
    """attention: [N, heads, I] on the image tokens, patches last; masks: [N, S*S]. Returns [N]."""
    patches = attention[..., -masks.shape[1] :]
    inside = (patches * masks[:, None]).sum(-1) / patches.sum(-1).clamp(min=SMALLEST_PART)
    return -inside.clamp(min=SMALLEST_PART).log().mean(-1)
