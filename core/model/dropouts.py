"""What training leaves out at random: whole attention heads, and positions with one mask for all of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class HeadDropout(nn.Module):
    """Each sequence draws a share of heads to silence, from none to `largest_share`.

    Each head is silenced with that probability, for all tokens. In a share `guided` of the sequences the heads with the
    least attention on the image are silenced instead, for each token on its own, as head suppression does at inference:
    random dropout alone teaches that several heads read the question, which is no help where all of these are the ones
    that look least at the image.

    The others aren't scaled up, because head suppression doesn't either: drawing the share keeps answers with all heads
    and answers with few of them in distribution. After LayerDrop's idea of structured dropout that lets parts be left out
    at inference (Fan et al. 2020, arXiv 1909.11556).
    """

    def __init__(self, largest_share: float, guided: float = 0.0) -> None:
        super().__init__()
        self.largest_share, self.guided = largest_share, guided

    @property
    def needs_mass(self) -> bool:
        """Whether `forward` must be given the heads' attention on the image."""
        return self.training and self.largest_share > 0 and self.guided > 0

    def forward(self, context: Tensor, mass: Tensor | None = None) -> Tensor:
        """context: each head's output [B, H, G, T, E]; mass: each head's attention on the image [B, G, T, H]."""
        if not self.training or self.largest_share == 0:
            return context
        batch, heads, groups = context.shape[:3]
        share = torch.rand(batch, 1, groups, device=context.device) * self.largest_share
        kept = (torch.rand(batch, heads, groups, device=context.device) >= share).unsqueeze(-1)  # [B, H, G, 1]
        if mass is not None and self.guided > 0:
            guided = torch.rand(batch, 1, groups, 1, device=context.device) < self.guided
            place = mass.movedim(-1, 1).argsort(1, descending=True).argsort(1)  # [B, H, G, T], 0 looks most at the image
            number = torch.ceil((1 - share) * heads).unsqueeze(-1)  # [B, 1, G, 1], at least one head
            kept = torch.where(guided, place < number, kept)
        return context * kept.unsqueeze(-1).to(context.dtype)


class SharedDropout(nn.Module):
    """Dropout with one mask for all positions of a sequence (Gal and Ghahramani 2016, arXiv 1512.05287).

    It regularises as well as a mask for each position here, and draws a twentieth of the random numbers, which are a tenth
    of a training step's time on a CPU.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Tensor) -> Tensor:
        """x: [..., T, D]; the mask is [..., 1, D]."""
        if not self.training or self.probability == 0:
            return x
        return x * functional.dropout(x.new_ones(*x.shape[:-2], 1, x.shape[-1]), self.probability)
