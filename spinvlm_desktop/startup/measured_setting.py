"""Takes over a setting of head suppression that was measured."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.config import SpinConfig
from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.models.model_control import ModelControl


class MeasuredSetting(QObject):
    """It comes into force with the model that it was measured on, and with no other."""

    taken = Signal()

    def __init__(self, tab: ChatTab, models: ModelControl, parent: QObject) -> None:
        super().__init__(parent)
        self._tab, self._models = tab, models
        self._waiting: tuple[int, SpinChoice] | None = None
        """Number of the load of the model that a setting was measured on, and the setting."""
        models.load_failed.connect(self._on_load_failed)

    def take(self, model: Path | None, spin: SpinConfig | None) -> None:
        """model: the one that it was measured on; spin: None is off."""
        choice = SpinChoice("off", self._tab.spin_bar.wanted().spin) if spin is None else SpinChoice("on", spin)
        if self._models.in_use is not None and model == self._models.file and not self._models.loading:
            self._put_in_force(choice)
        else:
            self._waiting = self._models.use(model), choice

    def model_loaded(self, load: int) -> None:
        """The SPIN bar has the model that was loaded as number `load`."""
        if self._waiting is not None and self._waiting[0] == load:
            self._put_in_force(self._waiting[1])

    def _on_load_failed(self, load: int) -> None:
        if self._waiting is not None and self._waiting[0] == load:
            self._waiting = None

    def _put_in_force(self, choice: SpinChoice) -> None:
        self._waiting = None
        self._tab.look_inside.setChecked(True)  # a setting that was asked for is to be in force, and seen
        self._tab.spin_bar.set_choice(choice)
        self.taken.emit()
