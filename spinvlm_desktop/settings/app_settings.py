"""What the user has set, as a record that validates itself."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, Self, get_args

from core.config import GenerationConfig, SettingsRecord, SpinConfig, require
from core.model.published_spin import HALF
from spinvlm_desktop.widgets.theme import ThemeName

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
SpinMode = Literal["off", "on", "compare"]
VERSION = 1
"""Of the file's format."""
FONT_SIZES = range(8, 25)
"""Points."""
MAX_THREADS = 1024
MAX_DAYS = 36_500
MAX_SEED = 2**63 - 1
MAX_RECENT = 10


@dataclass(frozen=True)
class AppSettings(SettingsRecord):
    """Everything that is remembered from one start to the next."""

    device: DeviceName = "auto"
    threads: int | None = None
    """CPU threads; None leaves torch's choice."""
    theme: ThemeName = "system"
    font_size: int = 10
    """Points."""
    keep_history: bool = True
    retention_days: int | None = None
    """Conversations that are older are forgotten; None keeps all."""
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    spin_mode: SpinMode = "off"
    spin: SpinConfig = HALF
    spin_own: bool = False
    """Whether the user chose mode and setting; else they follow the model's calibration."""
    overlay_opacity: float = 0.7
    """Of the heat map over the photo, in [0, 1]."""
    overlay_smooth: bool = True
    recent_images: tuple[str, ...] = ()
    """Paths, the latest first."""
    last_folder: str | None = None
    """Where a file was last chosen."""
    model: str | None = None
    """Path of the model file in use; None is the starter model."""
    version: int = VERSION

    def __post_init__(self) -> None:
        for name, kind in (("generation", GenerationConfig), ("spin", SpinConfig)):
            if isinstance(part := getattr(self, name), dict):
                object.__setattr__(self, name, kind.from_dict(part))
            require(isinstance(getattr(self, name), kind), f"{name} must be a group of settings, got {part!r}")
        _one_of("device", self.device, get_args(DeviceName))
        _one_of("theme", self.theme, get_args(ThemeName))
        _one_of("spin_mode", self.spin_mode, get_args(SpinMode))
        _whole("threads", self.threads, 1, MAX_THREADS, optional=True)
        _whole("font_size", self.font_size, FONT_SIZES.start, FONT_SIZES.stop - 1)
        _whole("retention_days", self.retention_days, 1, MAX_DAYS, optional=True)
        _whole("version", self.version, VERSION, VERSION)
        for name in ("keep_history", "overlay_smooth", "spin_own"):
            require(isinstance(getattr(self, name), bool), f"{name} must be true or false, got {getattr(self, name)!r}")
        _number("overlay_opacity", self.overlay_opacity)
        require(0 <= self.overlay_opacity <= 1, f"overlay_opacity must be in [0, 1], got {self.overlay_opacity}")
        for name in ("last_folder", "model"):
            value = getattr(self, name)
            require(value is None or isinstance(value, str), f"{name} must be a path, got {value!r}")
        _paths("recent_images", self.recent_images)
        _check_types(self.generation, self.spin)

    @classmethod
    def from_stored(cls, values: dict[str, Any]) -> Self:
        """As from_dict, but names that aren't known are left out, in the groups too. Raises ConfigError, TypeError."""
        known = _known(cls, values)
        for name, kind in (("generation", GenerationConfig), ("spin", SpinConfig)):
            if isinstance(known.get(name), dict):
                known[name] = _known(kind, known[name])
        # Files of earlier versions don't tell; what was changed then is the user's own choice.
        known.setdefault("spin_own", known.get("spin_mode", "off") != "off")
        return cls.from_dict(known)

    def with_recent_image(self, path: str) -> Self:
        """The same with this image as the latest."""
        others = [known for known in self.recent_images if known != path]
        return replace(self, recent_images=tuple([path, *others][:MAX_RECENT]))


def _known(kind: type[SettingsRecord], values: dict[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}  # type: ignore[arg-type]
    return {name: value for name, value in values.items() if name in names}


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    require(value in allowed, f"{name} must be one of {', '.join(allowed)}, got {value!r}")


def _whole(name: str, value: object, low: int, high: int, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    require(right, f"{name} must be a whole number from {low} to {high}, got {value!r}")


def _number(name: str, value: object) -> None:
    require(isinstance(value, int | float) and not isinstance(value, bool), f"{name} must be a number, got {value!r}")


def _paths(name: str, value: object) -> None:
    right = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    require(right, f"{name} must be a list of paths, got {value!r}")


def _check_types(generation: GenerationConfig, spin: SpinConfig) -> None:
    """What a file that someone has edited may hold, and the records themselves take on trust."""
    for name, high in (("max_tokens", 100_000), ("top_k", 10**9), ("beam_width", 64), ("no_repeat_ngram", 1000)):
        _whole(name, getattr(generation, name), 0, high)
    _whole("seed", generation.seed, 0, MAX_SEED, optional=True)
    for name in ("temperature", "top_p", "length_penalty", "repetition_penalty"):
        _number(name, getattr(generation, name))
    _number("alpha", spin.alpha)
    _whole("first_layer", spin.first_layer, 0, 1000)
    _whole("last_layer", spin.last_layer, 0, 1000, optional=True)
