"""Which weights a teaching changes: all but the encoder's, those of the last layers, or small additions to the decoder's."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from core.model.vlm import VisionLanguageModel
from training.teaching.settings import Learns

RANK = 8
LAST_LAYERS = 2
ADDED = ".parametrizations."
"""In the names of weights that something is added to."""


class LowRank(nn.Module):
    """Adds a product of two thin matrices to a weight (LoRA; Hu et al. 2021, arXiv 2106.09685). At first it is zero."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.down = nn.Parameter(torch.randn(rank, columns) / columns**0.5)
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.up @ self.down


def prepare(model: VisionLanguageModel, learns: Learns) -> None:
    """Have only these weights learn; the encoder is the training loop's to freeze."""
    if learns == "decoder":
        return
    model.requires_grad_(False)
    if learns == "last_layers":
        for layer in list(model.decoder.layers)[-LAST_LAYERS:]:
            layer.requires_grad_(True)
        model.decoder.norm.requires_grad_(True)
        return
    for part in model.decoder.modules():
        if isinstance(part, nn.Linear):
            parametrize.register_parametrization(part, "weight", LowRank(part.weight, RANK).to(part.weight.device))


def merged(model: VisionLanguageModel) -> VisionLanguageModel:
    """The model as its file has it: what was added to weights is in them."""
    weights = dict(model.state_dict())
    added = [name for name in weights if ADDED in name]
    if not added:
        return model
    for name in added:
        del weights[name]
        part = name.split(ADDED)[0]
        linear = model.get_submodule(part)
        assert isinstance(linear, nn.Linear)
        weights[f"{part}.weight"] = linear.weight.detach()
    whole = VisionLanguageModel(model.config)
    whole.load_state_dict(weights)
    return whole
