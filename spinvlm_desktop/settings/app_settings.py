"""What the user has set, as a record that validates itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from core.config import GenerationConfig, SettingsRecord, SpinConfig, require
from core.errors import ConfigError
from core.model.published_spin import HALF, HALF_BY_LOGITS
from spinvlm_desktop.settings.settings_table import SETTINGS
from spinvlm_desktop.widgets.theme import ThemeName

DeviceName = Literal["auto", "cpu", "cuda", "mps"]
SpinMode = Literal["off", "on", "compare"]
VERSION = 1
"""Of the file's format."""
GROUPS: dict[str, type[SettingsRecord]] = {
    "generation": GenerationConfig, "spin": SpinConfig, "pretrained_spin": SpinConfig,
}


@dataclass(frozen=True)
class AppSettings(SettingsRecord):
    """Everything that is remembered from one start to the next; `settings_table` says what each holds."""

    device: DeviceName = "auto"
    threads: int | None = None
    theme: ThemeName = "system"
    font_size: int = 10
    keep_history: bool = True
    retention_days: int | None = None
    collect_corrections: bool = True
    describe_photos: bool = True
    generation: GenerationConfig = field(default_factory=GenerationConfig)
    spin_mode: SpinMode = "off"
    spin: SpinConfig = HALF
    spin_by_user: bool = False
    pretrained_spin_mode: SpinMode = "off"
    pretrained_spin: SpinConfig = HALF_BY_LOGITS
    pretrained_spin_by_user: bool = False
    finer_models: tuple[str, ...] = ()
    look_inside: bool = False
    words_known: bool = False
    first_look_taken: bool = False
    show_conversations: bool = True
    overlay_opacity: float = 0.7
    overlay_smooth: bool = True
    recent_images: tuple[str, ...] = ()
    model: str | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        for name, kind in GROUPS.items():
            require(isinstance(getattr(self, name), kind), f"{name} must be a group of settings, got {getattr(self, name)!r}")
        for setting in SETTINGS:
            setting.check(self.value(setting.name))

    def value(self, name: str) -> Any:
        """The value of a setting, named as in the table."""
        value: Any = self
        for part in name.split("."):
            value = getattr(value, part)
        return value

    def with_values(self, values: dict[str, Any]) -> Self:
        """The same with other values, named as in the table. Raises ConfigError."""
        changes: dict[str, Any] = {}
        for name, value in values.items():
            group, _, part = name.rpartition(".")
            if group:
                changes[group] = replace(changes.get(group, getattr(self, group)), **{part: value})
            else:
                changes[name] = value
        return replace(self, **changes)

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> tuple[Self, list[str]]:
        """Settings from a file, and the names of those that it holds no usable value of, which have their defaults.

        Names that aren't known, as of another version's settings, are passed over.
        """
        # Files of earlier versions have another name for it, or none; what was changed then is the user's own choice.
        own = stored.get("spin_own", stored.get("spin_mode", "off") != "off")
        stored = {"spin_by_user": own, **stored}
        settings, damaged = cls(), [name for name in GROUPS if not isinstance(stored.get(name, {}), dict)]
        for setting in SETTINGS:
            group, _, part = setting.name.rpartition(".")
            holder = stored.get(group, {}) if group else stored
            if not isinstance(holder, dict) or part not in holder:
                continue
            value = tuple(holder[part]) if isinstance(holder[part], list) else holder[part]
            try:
                settings = settings.with_values({setting.name: value})
            except (ConfigError, TypeError):
                damaged.append(setting.name)
        return settings, damaged
