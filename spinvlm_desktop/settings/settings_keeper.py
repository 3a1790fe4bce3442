"""The settings in force, kept on the disk: a change is written within seconds, however the program ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore

SAVED_AFTER_MS = 1_000
"""A slider that is moved isn't written at every step."""


class SettingsKeeper(QObject):
    """A change makes it dirty, and a timer writes what is."""

    save_failed = Signal(str)

    def __init__(self, settings: AppSettings, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings, self._store = settings, store
        self._timer = QTimer(self, singleShot=True, interval=SAVED_AFTER_MS)
        self._timer.timeout.connect(self.save)

    @property
    def settings(self) -> AppSettings:
        """Those in force."""
        return self._settings

    def change(self, **changes: Any) -> None:
        """From now on; written soon."""
        changed = replace(self._settings, **changes)
        if changed != self._settings:
            self._settings = changed
            if not self._timer.isActive():
                self._timer.start()

    def save(self) -> None:
        """Write them now. What was opened isn't remembered where conversations aren't."""
        self._timer.stop()
        kept = self._settings if self._settings.keep_history else replace(self._settings, recent_images=())
        problem = self._store.save(kept)
        if problem:
            self.save_failed.emit(problem)
