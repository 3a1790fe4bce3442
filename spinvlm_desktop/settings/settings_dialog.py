"""The dialog for everything that is set once and kept."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConfigError
from spinvlm_desktop.settings.answer_fields import AnswerFields
from spinvlm_desktop.settings.app_settings import FONT_SIZES, MAX_DAYS, AppSettings
from spinvlm_desktop.widgets.labels import add_form_row, error_label, narrow_combo, tell, wrapping_form

DEVICES = (
    ("auto", "Automatic"), ("cpu", "Processor (CPU)"), ("cuda", "NVIDIA or AMD graphics (CUDA)"), ("mps", "Apple graphics (MPS)")
)
THEMES = (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))
MOST_THREADS = 256
_Button = QDialogButtonBox.StandardButton


class SettingsDialog(QDialog):
    """Shows settings and tells of them when they are applied; keeps nothing itself."""

    settings_applied = Signal(object)
    """AppSettings"""
    FIELDS = ("device", "threads", "theme", "font_size", "keep_history", "retention_days", "generation")
    """Of AppSettings, those that are shown here."""

    def __init__(self, settings: AppSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self._given = settings
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(12)
        for group in (self._make_computing(), self._make_appearance(), self._make_history(), self._make_answers()):
            column.addWidget(group)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._error = error_label("What is wrong")
        layout = QVBoxLayout(self)
        layout.addWidget(area, 1)
        layout.addWidget(self._error)
        layout.addWidget(self._make_buttons())
        self._show_settings(settings)
        self._connect_edits()
        area.setMinimumWidth(content.minimumSizeHint().width() + 24)
        self.resize(QSize(max(600, content.sizeHint().width() + 60), 660).boundedTo(self.screen().availableSize()))

    def settings(self) -> AppSettings:
        """The settings as shown, with all that has no field here as it was given. Raises ConfigError."""
        return replace(
            self._given, device=self._device.currentData(), threads=self._threads.value() or None,
            theme=self._theme.currentData(), font_size=self._font_size.value(), keep_history=self._keep_history.isChecked(),
            retention_days=self._retention.value() or None, generation=self._answers.generation(),
        )

    # -- layout

    def _make_computing(self) -> QGroupBox:
        group, form = _group("Computing")
        self._device = _combo(DEVICES)
        add_form_row(form, "&Device", self._device, "Where the model computes; a change loads the model again")
        self._threads = QSpinBox()
        self._threads.setRange(0, MOST_THREADS)
        self._threads.setSpecialValueText("Automatic")
        add_form_row(form, "T&hreads", self._threads,
                     "How many processor cores the model may use; few leave more to other programs")
        return group

    def _make_appearance(self) -> QGroupBox:
        group, form = _group("Appearance")
        self._theme = _combo(THEMES)
        add_form_row(form, "&Colours", self._theme, "Light or dark")
        self._font_size = QSpinBox()
        self._font_size.setRange(FONT_SIZES.start, FONT_SIZES.stop - 1)
        self._font_size.setSuffix(" points")
        add_form_row(form, "&Font size", self._font_size, "Size of all text in the window")
        return group

    def _make_history(self) -> QGroupBox:
        group, form = _group("History")
        self._keep_history = QCheckBox("&Keep conversations on this computer")
        self._keep_history.setToolTip("Photos, questions and answers stay on this computer; nothing is sent anywhere")
        self._keep_history.setAccessibleName("Keep conversations on this computer")
        form.addRow(self._keep_history)
        self._retention = QSpinBox()
        self._retention.setRange(0, MAX_DAYS)
        self._retention.setSpecialValueText("Never")
        self._retention.setSuffix(" days")
        add_form_row(form, "F&orget after", self._retention,
                     "Conversations that weren't changed for so many days are forgotten; 0 keeps all")
        self._retention.setAccessibleName("Keep for so many days")
        self._keep_history.toggled.connect(self._retention.setEnabled)
        return group

    def _make_answers(self) -> QGroupBox:
        group = QGroupBox("Answers")
        self._answers = AnswerFields()
        QVBoxLayout(group).addWidget(self._answers)
        return group

    def _make_buttons(self) -> QDialogButtonBox:
        self._buttons = QDialogButtonBox(_Button.RestoreDefaults | _Button.Ok | _Button.Cancel | _Button.Apply)
        tips = ((_Button.Ok, "Apply the settings and close"), (_Button.Cancel, "Close without a change"),
                (_Button.Apply, "Apply the settings"),
                (_Button.RestoreDefaults, "Show the usual settings; OK or Apply takes them"))
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

    def _connect_edits(self) -> None:
        for signal in (self._device.currentIndexChanged, self._threads.valueChanged, self._theme.currentIndexChanged,
                       self._font_size.valueChanged, self._keep_history.toggled, self._retention.valueChanged,
                       self._answers.edited):
            signal.connect(lambda *_: self._check())
        self._check()

    # -- what happens

    def _show_settings(self, settings: AppSettings) -> None:
        self._device.setCurrentIndex(self._device.findData(settings.device))
        self._threads.setValue(settings.threads or 0)
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._font_size.setValue(settings.font_size)
        self._keep_history.setChecked(settings.keep_history)
        self._retention.setEnabled(settings.keep_history)
        self._retention.setValue(settings.retention_days or 0)
        self._answers.set_generation(settings.generation)

    def _check(self) -> AppSettings | None:
        """The settings as shown; where they can't be, says why in place and returns None."""
        try:
            settings = self.settings()
        except ConfigError as error:
            text = str(error).rstrip(".")
            tell(self._error, f"{text[:1].upper()}{text[1:]}.")
            settings = None
        else:
            tell(self._error, None)
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


def _group(title: str) -> tuple[QGroupBox, QFormLayout]:
    group = QGroupBox(title)
    return group, wrapping_form(group)


def _combo(choices: tuple[tuple[str, str], ...]) -> QComboBox:
    box = narrow_combo()
    for value, text in choices:
        box.addItem(text, value)
    return box

