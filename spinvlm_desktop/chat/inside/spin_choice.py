"""What the user wants of head suppression, and what of it fits a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.calibrated_spin import calibrated_spin
from core.config import HeadCounts, ModelConfig, ScoreName, SpinConfig
from core.model.published_spin import HALF, PUBLISHED, PUBLISHED_OF_LARGE, PublishedSpin
from core.model.spin_text import number_text
from spinvlm_desktop.answers.spin_words import in_words, published_on_model

Mode = Literal["off", "on", "compare"]
CALIBRATED = "This model's calibrated setting"
USUAL_SHAPE = ModelConfig(vocabulary_size=1, layers=4).shape
"""Until a model is loaded."""


@dataclass(frozen=True)
class SpinChoice:
    """Whether heads are suppressed, and how."""

    mode: Mode = "off"
    spin: SpinConfig = HALF
    by_user: bool = True
    """False: the user left it to the model's calibration, so that it changes with the model."""


@dataclass(frozen=True)
class Preset:
    """A known setting to choose."""

    name: str
    tip: str
    choice: SpinChoice


def fitted(spin: SpinConfig, shape: HeadCounts) -> SpinConfig:
    """The same setting within a model's heads and layers."""
    first = min(spin.first_layer, shape.layers - 1)
    last = shape.layers if spin.last_layer is None else min(shape.layers, max(first + 1, spin.last_layer))
    keep = spin.keep if isinstance(spin.keep, float) else min(shape.heads, spin.keep)
    return replace(spin, keep=keep, first_layer=first, last_layer=None if last == shape.layers else last)


def half_of(shape: HeadCounts, *, score: ScoreName = "mass") -> SpinConfig:
    """Half of the heads, the others silenced."""
    return replace(HALF, keep=HALF.heads_kept(shape.heads), score=score)


def calibrated_choice(calibration: dict[str, Any] | None, shape: HeadCounts) -> SpinChoice | None:
    """The setting that was measured best for the model; None where its file has none that can be understood."""
    found = calibrated_spin(calibration)
    if found is None:
        return None
    if found.spin is None:
        return SpinChoice("off", half_of(shape), by_user=False)
    return SpinChoice("on", found.spin, by_user=False)


def presets(
    shape: HeadCounts, calibrated: SpinChoice | None, *, family: str | None = None, score: ScoreName = "mass"
) -> list[Preset]:
    """Known settings, each with what it does on this model; those published for its family first.

    family: of a pretrained model; score: how its heads are ranked unless a setting says otherwise.
    """
    sizes = {"layers": shape.layers, "heads": shape.heads}
    half = half_of(shape, score=score)
    found = [Preset(f"Half of the heads: {in_words(half, **sizes)}", "", SpinChoice("on", half))]
    for published in _published(family):
        published = replace(published, spin=replace(published.spin, score=score))
        spin = published.spin
        tip = f"Published as r = {number_text(spin.keep)}, α = {number_text(spin.alpha)} (arXiv 2505.16411)"
        choice = SpinChoice("on", published.on(shape.layers))
        found.append(Preset(published_on_model(published, **sizes), tip, choice))
    if calibrated is not None:
        does = "SPIN off" if calibrated.mode == "off" else in_words(fitted(calibrated.spin, shape), **sizes)
        found.insert(0, Preset(f"{CALIBRATED}: {does}", "", calibrated))
    return found


def _published(family: str | None) -> Sequence[PublishedSpin]:
    if family is None:
        return PUBLISHED
    return sorted((*PUBLISHED, *PUBLISHED_OF_LARGE), key=lambda each: not family.startswith(each.family))
