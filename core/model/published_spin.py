"""The settings of head suppression that SPIN's authors published (arXiv 2505.16411). Torch-free."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.config import SpinConfig


@dataclass(frozen=True)
class PublishedSpin:
    """One published setting."""

    use: str
    """What the authors used it for."""
    family: str
    """The models that they used it with, as the names of their families begin."""
    spin: SpinConfig
    """As published: their models have 28 to 40 layers, so a model here may have fewer."""

    def on(self, layers: int) -> SpinConfig:
        """The same on a model with so many layers."""
        last = self.spin.last_layer
        return replace(self.spin, last_layer=None if last is None or last >= layers else last)


HALF = SpinConfig(keep=0.5, alpha=0.0)
"""The hard variant, which stands wherever head suppression is switched on without a setting of one's own."""
HALF_BY_LOGITS = replace(HALF, score="logits")
"""The same for pretrained models, whose heads are ranked as the authors rank them."""
PUBLISHED = (
    PublishedSpin("captions", "LLaVA", SpinConfig(keep=0.95, alpha=0.08)),
    PublishedSpin("yes/no questions", "LLaVA", SpinConfig(keep=0.8, alpha=0.1)),
    PublishedSpin("Qwen-VL", "Qwen", SpinConfig(keep=0.7, alpha=0.08, last_layer=20)),
)
PUBLISHED_OF_LARGE = (
    PublishedSpin("open questions to LLaVA-13B (MMHal)", "LLaVA", SpinConfig(keep=0.9, alpha=0.0, last_layer=20)),
)
"""Published for models of a size that is only met among pretrained ones."""


def published_as(spin: SpinConfig | None, *, layers: int) -> PublishedSpin | None:
    """Which of them a setting is, on a model with so many layers; None where it is another one."""
    return None if spin is None else next((each for each in PUBLISHED if each.on(layers) == spin), None)


def titled(name: str, spin: SpinConfig | None, *, layers: int) -> str:
    """A setting's name for people: `r=0.95, alpha 0.08 (authors')`."""
    return name if published_as(spin, layers=layers) is None else f"{name} (authors')"
