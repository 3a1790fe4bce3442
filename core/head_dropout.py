"""Silencing whole attention heads while training, so that an answer doesn't hang on single ones."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class HeadDropout(nn.Module):
    """Each sequence draws a share of heads to silence, and each of its heads is silenced with that probability.

    The others aren't scaled up, because head suppression doesn't either: drawing the share, from none to `largest_share`,
    keeps answers with all heads and answers with few of them in distribution. After LayerDrop's idea of structured
    dropout that lets parts be left out at inference (Fan et al. 2020, arXiv 1909.11556).
    """

    def __init__(self, largest_share: float) -> None:
        super().__init__()
        self.largest_share = largest_share

    def forward(self, context: Tensor) -> Tensor:
        """context: each head's output [B, H, G, T, E]; a head is silenced for all T tokens of a sequence."""
        if not self.training or self.largest_share == 0:
            return context
        batch, heads, groups = context.shape[:3]
        share = torch.rand(batch, 1, groups, device=context.device) * self.largest_share
        kept = torch.rand(batch, heads, groups, device=context.device) >= share
        return context * kept[..., None, None].to(context.dtype)
