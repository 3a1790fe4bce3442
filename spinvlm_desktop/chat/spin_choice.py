"""What the user wants of head suppression, and what of it fits a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from core.config import SpinConfig
from core.errors import ConfigError
from core.model.published_spin import HALF, PUBLISHED
from core.model.spin_text import number_text
from spinvlm_desktop.answers.spin_words import in_words, published_on_model

Mode = Literal["off", "on", "compare"]
CALIBRATED = "This model's calibrated setting"


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


@dataclass(frozen=True)
class ModelSizes:
    """Of the model that answers, what head suppression depends on."""

    layers: int = 4
    heads: int = 8

    def fit(self, spin: SpinConfig) -> SpinConfig:
        """The same setting within these heads and layers."""
        first = min(spin.first_layer, self.layers - 1)
        last = self.layers if spin.last_layer is None else min(self.layers, max(first + 1, spin.last_layer))
        keep = spin.keep if isinstance(spin.keep, float) else min(self.heads, spin.keep)
        return replace(spin, keep=keep, first_layer=first, last_layer=None if last == self.layers else last)

    def half(self) -> SpinConfig:
        """Half of the heads, the others silenced."""
        return replace(HALF, keep=HALF.heads_kept(self.heads))

    def calibrated(self, calibration: dict[str, Any] | None) -> SpinChoice | None:
        """The setting that was measured best for the model; None where its file has none that can be understood."""
        if calibration is None or "spin" not in calibration:
            return None
        values = calibration["spin"]
        if values is None:
            return SpinChoice("off", self.half(), by_user=False)
        try:
            return SpinChoice("on", SpinConfig.from_dict(values), by_user=False)
        except (ConfigError, TypeError):
            return None  # a file of another program may carry what this one can't do

    def presets(self, calibrated: SpinChoice | None) -> list[Preset]:
        """Known settings, each with what it does on this model."""
        sizes = {"layers": self.layers, "heads": self.heads}
        found = [Preset(f"Half of the heads: {in_words(self.half(), **sizes)}", "", SpinChoice("on", self.half()))]
        for published in PUBLISHED:
            spin = published.spin
            tip = f"Published as r = {number_text(spin.keep)}, α = {number_text(spin.alpha)} (arXiv 2505.16411)"
            choice = SpinChoice("on", published.on(self.layers))
            found.append(Preset(published_on_model(published, **sizes), tip, choice))
        if calibrated is not None:
            does = "SPIN off" if calibrated.mode == "off" else in_words(self.fit(calibrated.spin), **sizes)
            found.insert(0, Preset(f"{CALIBRATED}: {does}", "", calibrated))
        return found
