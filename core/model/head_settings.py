"""What is done to the cross-attention heads while an answer is made: as it was asked for, and resolved for each layer.

Shapes: L layers, H heads, P places in an answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.answers import HeadIndex
from core.config import ModelShape, SpinConfig
from core.errors import ConfigError
from core.model.head_suppression import random_gates
from core.model.interventions import ImageAmplification, ImageContrast, Intervention, RandomHeads


@dataclass(frozen=True)
class LayerHeads:
    """What is done to the heads of one layer; by default nothing, and nothing is recorded."""

    spin: SpinConfig | None = None
    """Head suppression, decided for each query on its own; None leaves every line of its code out."""
    gamma: float = 0.0
    """How far attention to the image is amplified; see core.model.attention.amplified."""
    factor: Tensor | None = None
    """[P, H], a fixed factor on each head's output, on top of `spin` (heads off by hand, random heads); None is 1."""
    record: bool = False
    """Whether to record what the heads do."""
    fused: bool = False
    """Whether attention may take the fused path. It does where nothing else here needs the weights."""

    def at(self, start: int, length: int) -> LayerHeads:
        """The same for the queries at these places of the answer."""
        return self if self.factor is None else replace(self, factor=self.factor[start : start + length])


PLAIN = LayerHeads()
"""All heads count in full, on the explicit path."""


@dataclass(frozen=True)
class HeadSettings:
    """What is done to an answer while it is generated, the same for every token of a run."""

    intervention: Intervention | None = None
    ablated: Collection[HeadIndex] = frozenset()
    """Cross-attention heads that are switched off by hand, on top of it."""
    record: bool = False
    """Whether each token comes with a record of every head."""

    @property
    def contrast(self) -> ImageContrast | None:
        """The contrast with a distorted photo, where there is one to be made."""
        applied = self.intervention
        return applied if isinstance(applied, ImageContrast) and applied.strength > 0 else None

    def in_layers(self, shape: ModelShape, *, device: torch.device) -> tuple[LayerHeads, ...]:
        """What that means for each layer of a model. Random heads are drawn here, for the whole answer."""
        applied, factor = self.intervention, self._factor(shape, device)
        return tuple(
            LayerHeads(
                spin=applied if isinstance(applied, SpinConfig) and applied.covers(layer) else None,
                gamma=applied.gamma if isinstance(applied, ImageAmplification) and applied.covers(layer) else 0.0,
                factor=None if factor is None else factor[layer],
                record=self.record,
            )
            for layer in range(shape.layers)
        )

    def _factor(self, shape: ModelShape, device: torch.device) -> Tensor | None:
        """What is known of the heads' factors before anything is decoded: [L, P, H], or None where all are 1."""
        factor = None
        if isinstance(self.intervention, RandomHeads):
            factor = random_gates(self.intervention, shape).to(device)
        if self.ablated:
            ablation = torch.ones(shape.layers, 1, shape.heads, device=device)
            for layer, head in self.ablated:
                ablation[layer, :, head] = 0.0
            factor = ablation.expand(-1, shape.max_answer_tokens, -1) if factor is None else factor * ablation
        return factor


def validate_ablation(shape: ModelShape, ablated: Collection[HeadIndex]) -> None:
    """Raises ConfigError where a head to switch off doesn't exist."""
    for layer, head in sorted(ablated):
        if not (0 <= layer < shape.layers and 0 <= head < shape.heads):
            raise ConfigError(
                f"there is no head {head} in layer {layer}: the model has layers 0 to {shape.layers - 1} "
                f"with heads 0 to {shape.heads - 1}"
            )
