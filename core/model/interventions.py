"""What can be done to an answer while it is generated. Frozen, self-validating, torch-free.

Head suppression guided by the image (SPIN) is what the program offers; the others are what it is measured against.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.config import HeadSuppression, LayerRange, ModelShape, SettingsRecord, SpinConfig, require

NOISE_STEPS = 1000
"""Steps of the diffusion process that distorts a photo."""


@dataclass(frozen=True)
class RandomHeads(HeadSuppression):
    """Suppresses as many heads as SPIN does, but drawn at random: the control that shows whether the choice matters.

    The draw depends on seed, layer and the token's place in the answer alone, so an answer has the same heads alone and
    in a batch, with a cache and without.
    """

    seed: int = 0


@dataclass(frozen=True)
class ImageAmplification(SettingsRecord, LayerRange):
    """Attention to the image amplified, after PAI (Liu et al., ECCV 2024, arXiv 2407.21771).

    Before the softmax, each score s of an image token becomes s + gamma * |s|. PAI's second part, a contrast with an
    answer that has no image, is left out.
    """

    gamma: float = 0.5
    """0 changes nothing."""
    first_layer: int = 0
    """First decoder layer in which attention is amplified."""
    last_layer: int | None = None
    """One past the last such layer; None means all that follow."""

    def __post_init__(self) -> None:
        require(self.gamma >= 0 and math.isfinite(self.gamma), f"gamma must be at least 0, got {self.gamma}")
        self.check_layers()


@dataclass(frozen=True)
class ImageContrast(SettingsRecord):
    """Contrast with the answer to a distorted photo: VCD (Leng et al., CVPR 2024, arXiv 2311.16922).

    The next token's logits become (1 + a) * those of the photo - a * those of the photo under noise. Only tokens stay
    whose probability, given the photo, is at least beta times that of the likeliest.
    """

    strength: float = 1.0
    """a; 0 switches the contrast off, and with it beta."""
    plausibility: float = 0.1
    """beta, in [0, 1]; 0 allows every token."""
    noise_step: int = 500
    """How far the photo is distorted: diffusion steps, out of NOISE_STEPS."""
    seed: int = 0
    """Of the noise, which is the same for every photo."""

    def __post_init__(self) -> None:
        require(self.strength >= 0 and math.isfinite(self.strength), f"strength must be at least 0, got {self.strength}")
        require(0 <= self.plausibility <= 1, f"plausibility must be in [0, 1], got {self.plausibility}")
        require(0 <= self.noise_step < NOISE_STEPS, f"noise_step must be in 0..{NOISE_STEPS - 1}, got {self.noise_step}")


Intervention = SpinConfig | RandomHeads | ImageAmplification | ImageContrast

_NOUNS: dict[type, str] = {
    SpinConfig: "head suppression", RandomHeads: "random head suppression", ImageAmplification: "amplified attention",
}


def validate_intervention(shape: ModelShape, intervention: Intervention | None) -> None:
    """Raises ConfigError where an intervention doesn't fit the model: more heads kept than it has, or no such layer.

    A range that ends beyond the last layer is fine: published settings name the layers of larger models.
    """
    if isinstance(intervention, HeadSuppression):
        intervention.heads_kept(shape.heads)
    if isinstance(intervention, LayerRange):
        require(
            intervention.first_layer < shape.layers,
            f"{_NOUNS[type(intervention)]} starts at layer {intervention.first_layer}, but the model's layers are 0 to "
            f"{shape.layers - 1}",
        )
