"""The file that settings are kept in. Whatever has happened to it, the program starts."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from core.errors import ConfigError, reason_of
from core.files.atomic_file import write_text
from spinvlm_desktop.settings.app_settings import VERSION, AppSettings

DAMAGED_NAME = "settings.damaged.json"
log = logging.getLogger(__name__)


class SettingsStore:
    """Reads and writes one settings file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> tuple[AppSettings, str | None]:
        """The settings, and a sentence for the user where some couldn't be read and have their defaults.

        A file that is damaged or of a newer program is moved aside, so that nothing in it is lost; what could be read of
        it is written again.
        """
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return AppSettings(), None
        except OSError as error:
            log.warning("settings can't be read", exc_info=True)
            return AppSettings(), f"The settings in {self.path} can't be read ({reason_of(error)}); defaults are used."
        try:
            values: Any = json.loads(content)
            if not isinstance(values, dict):
                raise ConfigError("the file holds no settings")
            version = values.get("version")
            if isinstance(version, int) and version > VERSION:
                return AppSettings(), self._move_aside("were made by a newer version of SpinVLM")
        except (ConfigError, ValueError, RecursionError):
            log.warning("settings are damaged", exc_info=True)
            return AppSettings(), self._move_aside("are damaged")
        settings, damaged = AppSettings.from_stored(values)
        if not damaged:
            return settings, None
        notice = self._move_aside(f"are damaged ({', '.join(damaged)})")
        self.save(settings)
        return settings, notice

    def save(self, settings: AppSettings) -> str | None:
        """Write the settings, atomically. Returns a sentence for the user where that fails."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_text(self.path, json.dumps(settings.to_dict(), indent=1) + "\n")
        except OSError as error:
            log.warning("settings can't be saved", exc_info=True)
            return f"Couldn't save the settings in {self.path}: {reason_of(error)}."
        return None

    def _move_aside(self, what: str) -> str:
        aside = self.path.with_name(DAMAGED_NAME)
        try:
            os.replace(self.path, aside)
        except OSError as error:
            why = f"can't be moved aside ({reason_of(error)})"
            return f"The settings in {self.path} {what} and {why}; defaults are used."
        return f"The settings {what}; they are kept as {aside}, and defaults are used."
