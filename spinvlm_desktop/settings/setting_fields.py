"""Fields of the dialog, one for each kind of setting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from spinvlm_desktop.settings.setting_kinds import Choice, Number, Switch, Whole
from spinvlm_desktop.settings.settings_table import Setting
from spinvlm_desktop.widgets.controls import choice_list

LARGEST_SPIN_BOX = 2**31 - 1
"""Larger numbers are typed."""


@dataclass(frozen=True)
class SettingField:
    """A widget that shows a setting."""

    setting: Setting
    widget: QWidget
    value: Callable[[], Any]
    """What is shown; of a number that is typed also what is none, which the setting refuses."""
    show: Callable[[Any], None]
    edited: SignalInstance


def make_field(setting: Setting) -> SettingField:
    """The field of a setting that is shown in the dialog."""
    kind = setting.kind
    if isinstance(kind, Choice):
        return _choice_field(setting, kind)
    if isinstance(kind, Number):
        return _number_field(setting, kind)
    if isinstance(kind, Switch):
        box = QCheckBox(setting.label)
        return SettingField(setting, box, box.isChecked, box.setChecked, box.toggled)
    assert isinstance(kind, Whole), f"{setting.name} has no field"
    return _typed_field(setting, kind) if kind.high > LARGEST_SPIN_BOX else _whole_field(setting, kind)


def _choice_field(setting: Setting, kind: Choice) -> SettingField:
    box = choice_list(setting.title, kind.options)
    return SettingField(
        setting, box, box.currentData, lambda value: box.setCurrentIndex(box.findData(value)), box.currentIndexChanged
    )


def _whole_field(setting: Setting, kind: Whole) -> SettingField:
    """One below the lowest number stands for none."""
    box, none = QSpinBox(), kind.low - 1
    box.setRange(none if kind.none else kind.low, kind.high)
    box.setSpecialValueText(kind.none)
    box.setSuffix(kind.unit)

    def value() -> int | None:
        return None if kind.none and box.value() == none else box.value()

    return SettingField(setting, box, value, lambda shown: box.setValue(none if shown is None else shown), box.valueChanged)


def _number_field(setting: Setting, kind: Number) -> SettingField:
    box, shown = QDoubleSpinBox(), [0.0]
    box.setRange(kind.low, kind.high)
    box.setSingleStep(0.05)

    def show(value: float) -> None:
        shown[0] = value
        box.setValue(value)

    def value() -> float:
        rounded = round(box.value(), box.decimals())
        return shown[0] if round(shown[0], box.decimals()) == rounded else rounded  # with all its digits unless edited

    return SettingField(setting, box, value, show, box.valueChanged)


def _typed_field(setting: Setting, kind: Whole) -> SettingField:
    line = QLineEdit()
    line.setPlaceholderText(kind.none)

    def value() -> int | str | None:
        text = line.text().strip()
        if not text:
            return None
        return int(text) if text.isdecimal() and len(text) <= len(str(kind.high)) else text[:40]

    return SettingField(
        setting, line, value, lambda shown: line.setText("" if shown is None else str(shown)), line.textChanged
    )
