"""The dialog for everything that is set once and kept."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QWidget,
)

from core.errors import ConfigError
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.setting_fields import SettingField, make_field
from spinvlm_desktop.settings.settings_table import SETTINGS, Setting
from spinvlm_desktop.widgets.labels import add_form_row, error_label, show_or_hide, wrapping_form
from spinvlm_desktop.widgets.layouts import column_of, scrolled

_Button = QDialogButtonBox.StandardButton


class SettingsDialog(QDialog):
    """Shows settings and emits them when they are applied; keeps nothing itself."""

    settings_applied = Signal(object)
    """AppSettings"""

    def __init__(self, settings: AppSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._given = settings
        self._fields: dict[str, tuple[SettingField, QFormLayout]] = {}
        content = QWidget()
        shown = (setting for setting in SETTINGS if setting.group)
        groups = [
            self._make_group(title, list(members)) for title, members in groupby(shown, key=lambda setting: setting.group)
        ]
        column_of(*groups, 1, parent=content, spacing=12)
        area = scrolled(content, frame=False)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._error = error_label("What is wrong")
        column_of((area, 1), self._error, self._make_buttons(), parent=self)
        self._show_settings(settings)
        for field, _ in self._fields.values():
            field.edited.connect(lambda *_: self._check())
        self._check()
        area.setMinimumWidth(content.minimumSizeHint().width() + 24)
        self.resize(QSize(max(600, content.sizeHint().width() + 60), 660).boundedTo(self.screen().availableSize()))

    def settings(self) -> AppSettings:
        """The settings as shown, with all that has no field here as it was given. Raises ConfigError."""
        values = {name: field.value() for name, (field, _) in self._fields.items()}
        for name, (field, _) in self._fields.items():
            if not self._counts(field.setting) and not field.setting.kind.accepts(values[name]):
                values[name] = self._given.value(name)  # nobody sees what is wrong with it
        return self._given.with_values(values)

    def _make_group(self, title: str, members: list[Setting]) -> QGroupBox:
        group = QGroupBox(title)
        form = wrapping_form(group)
        for setting in members:
            field = make_field(setting)
            self._fields[setting.name] = field, form
            if isinstance(field.widget, QCheckBox):
                field.widget.setToolTip(setting.help)
                field.widget.setAccessibleName(setting.title)
                form.addRow(field.widget)
            else:
                add_form_row(form, setting.label, field.widget, setting.help)
        return group

    def _make_buttons(self) -> QDialogButtonBox:
        self._buttons = QDialogButtonBox(_Button.RestoreDefaults | _Button.Ok | _Button.Cancel | _Button.Apply)
        tips = ((_Button.Ok, "Apply the settings and close"), (_Button.Cancel, "Close without a change"),
                (_Button.Apply, "Apply the settings"),
                (_Button.RestoreDefaults, "Show the defaults; OK or Apply takes them"))
        for which, tip in tips:
            button = self._buttons.button(which)
            button.setToolTip(tip)
            button.setAccessibleName(button.text().replace("&", ""))
        ok = self._buttons.button(_Button.Ok)
        ok.setProperty("primary", True)
        ok.setDefault(True)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._buttons.button(_Button.Apply).clicked.connect(lambda: self._apply())
        self._buttons.button(_Button.RestoreDefaults).clicked.connect(self._on_defaults_wanted)
        return self._buttons

    # -- what happens

    def _show_settings(self, settings: AppSettings) -> None:
        for name, (field, _) in self._fields.items():
            field.show(settings.value(name))

    def _counts(self, setting: Setting) -> bool:
        """Whether a setting has an effect beside the others that are shown."""
        return setting.needs is None or self._fields[setting.needs[0]][0].value() == setting.needs[1]

    def _check(self) -> AppSettings | None:
        """The settings as shown; where they can't be, says why in place and returns None."""
        for field, form in self._fields.values():
            form.setRowVisible(field.widget, self._counts(field.setting))
        try:
            settings = self.settings()
        except ConfigError as error:
            text = str(error).rstrip(".")
            show_or_hide(self._error, f"{text[:1].upper()}{text[1:]}.")
            settings = None
        else:
            show_or_hide(self._error, None)
        self._buttons.button(_Button.Ok).setEnabled(settings is not None)
        self._buttons.button(_Button.Apply).setEnabled(settings not in (None, self._given))
        return settings

    def _apply(self) -> bool:
        settings = self._check()
        if settings is None:
            return False
        if settings != self._given:
            self._given = settings
            self._check()
            self.settings_applied.emit(settings)
        return True

    def _on_accepted(self) -> None:
        if self._apply():
            self.accept()

    def _on_defaults_wanted(self) -> None:
        self._show_settings(AppSettings())
        self._check()
