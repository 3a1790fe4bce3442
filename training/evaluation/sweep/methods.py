"""What SPIN is compared with on the same model and photos: a random control, and two methods of others."""

from __future__ import annotations

from core.config import ModelShape, SpinConfig
from core.model.interventions import ImageAmplification, ImageContrast, Intervention, RandomHeads
from core.model.spin_text import number_text, short_name
from training.evaluation.sweep.settings_grid import Settings

GAMMAS = (0.2, 0.5, 1.0)
"""PAI's authors use 0.2 to 0.6, by model."""
STRENGTHS = (0.5, 1.0)
"""VCD's authors use 1."""


def comparison_methods(shape: ModelShape, settings: Settings) -> Settings:
    """By name: for each number of heads that SPIN keeps in `settings` a control that keeps as many random ones, with the same
    alpha and layers; attention to the image amplified; contrast with a distorted photo. All contrasts share one distortion.
    """
    controls: dict[int, RandomHeads] = {}
    for spin in settings.values():
        if isinstance(spin, SpinConfig):
            control = RandomHeads(spin.keep, spin.alpha, spin.first_layer, spin.last_layer)
            controls.setdefault(spin.heads_kept(shape.heads), control)
    methods: list[Intervention] = [*controls.values(), *map(ImageAmplification, GAMMAS), *map(ImageContrast, STRENGTHS)]
    return {method_name(method): method for method in methods}


def method_name(method: Intervention) -> str:
    """A short name, as in the report."""
    if isinstance(method, RandomHeads):
        return f"random heads, {short_name(SpinConfig(method.keep, method.alpha, method.first_layer, method.last_layer))}"
    if isinstance(method, ImageAmplification):
        return f"PAI-like, gamma {number_text(method.gamma)}"
    if isinstance(method, ImageContrast):
        return f"VCD-like, strength {number_text(method.strength)}"
    return short_name(method)


def distortion_of(settings: Settings) -> ImageContrast | None:
    """How photos are to be distorted for these settings; None where no photo is."""
    return next((method for method in settings.values() if isinstance(method, ImageContrast)), None)
