"""What is chosen in the window itself, rather than in the settings' dialog, and kept for the next start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.models.model_control import ModelControl
from spinvlm_desktop.settings.settings_keeper import SettingsKeeper


class RememberedChoices(QObject):
    """Shows them at the start, and has changes written."""

    answers_changed = Signal()
    """Questions about photos are answered in another way from now on."""

    def __init__(self, tab: ChatTab, models: ModelControl, keeper: SettingsKeeper, parent: QObject) -> None:
        super().__init__(parent)
        self._tab, self._models, self._keeper = tab, models, keeper
        self._show()
        tab.image.recent_changed.connect(lambda recent: keeper.change(recent_images=tuple(map(str, recent))))
        tab.spin_bar.choice_changed.connect(self.keep_spin)
        tab.finer.chosen.connect(self._on_finer)
        tab.look_inside.toggled.connect(lambda on: keeper.change(look_inside=on))
        tab.conversations_shown.toggled.connect(lambda shown: keeper.change(show_conversations=shown))
        tab.attention.look_changed.connect(
            lambda opacity, smooth: keeper.change(overlay_opacity=opacity, overlay_smooth=smooth)
        )
        models.file_changed.connect(lambda path: keeper.change(model=None if path is None else str(path)))

    def _show(self) -> None:
        settings, tab = self._keeper.settings, self._tab
        tab.image.set_recent([Path(name) for name in settings.recent_images])
        tab.spin_bar.set_choice(SpinChoice(settings.spin_mode, settings.spin, settings.spin_by_user))
        tab.spin_bar.set_choice_for_pretrained(
            SpinChoice(settings.pretrained_spin_mode, settings.pretrained_spin, settings.pretrained_spin_by_user)
        )
        tab.attention.set_look(opacity=settings.overlay_opacity, smooth=settings.overlay_smooth)
        tab.look_inside.setChecked(settings.look_inside)
        tab.conversations_shown.setChecked(settings.show_conversations)

    def keep_spin(self) -> None:
        """As the SPIN bar has it."""
        choice = self._tab.spin_bar.wanted()
        whose = "pretrained_spin" if self._tab.spin_bar.is_for_pretrained else "spin"
        self._keeper.change(**{f"{whose}_mode": choice.mode, whose: choice.spin, f"{whose}_by_user": choice.by_user})
        self.answers_changed.emit()

    def _on_finer(self, on: bool) -> None:
        """Remembered for the model in use."""
        model = self._models.in_use
        if model is not None:
            others = tuple(name for name in self._keeper.settings.finer_models if name != model.name)
            self._keeper.change(finer_models=(*others, model.name) if on else others)
            self.answers_changed.emit()
