"""How long a model is trained, stage by stage."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGroupBox, QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from spinvlm_desktop.train.setup.advanced_fields import AdvancedFields
from spinvlm_desktop.train.setup.choices import AMOUNTS, with_amount
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.help.help_mark import HelpMark
from spinvlm_desktop.widgets.help.help_topics import TRAINING_SETTINGS
from spinvlm_desktop.widgets.labels import add_form_row, indent_number, sentence_label, wrapping_form
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.run.training_config import TrainingConfig, preset

WARM_UP_HELP = (
    "Only the part that writes learns, on what the encoder sees already. Each photo is looked at once and remembered, so this "
    "is fast, and gives the model its words."
)
FINE_TUNE_HELP = (
    "Now all weights learn, those of the encoder slower: the model learns to see what your captions speak of. Several times "
    "slower a pass."
)


class StagesPage(QGroupBox):
    """Announces every change."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("3. Stages", parent)
        amounts = [(choice.key, f"{choice.text} — {choice.tip}") for choice in AMOUNTS]
        self.amount = choice_list("How much", amounts, self._show_amount)
        self.warm_up, self.fine_tune = _passes("Passes of the warm-up"), _passes("Passes of the fine-tuning")
        for box in (self.warm_up, self.fine_tune):
            box.valueChanged.connect(lambda _value: self.changed.emit())
        self.advanced = AdvancedFields()
        self.advanced.show_config(preset("standard", data="."))
        self.advanced.edited.connect(self.changed)
        self.advanced.hide()
        fold = QToolButton()
        fold.setText("Advanced settin&gs")
        fold.setToolTip("Learning rates, batches, dropout and the like; the usual values are good ones")
        fold.setCheckable(True)
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setArrowType(Qt.ArrowType.RightArrow)
        fold.toggled.connect(lambda shown: self._unfold(fold, shown))
        form = wrapping_form()
        add_form_row(form, "Ho&w much", self.amount, "How many photos, and how often each is looked at")
        stages = row_of(
            (_stage("1. Warm-up", self.warm_up, WARM_UP_HELP), 1), (_stage("2. Fine-tuning", self.fine_tune, FINE_TUNE_HELP), 1),
            spacing=16,
        )
        column_of(form, stages, row_of(fold, HelpMark(TRAINING_SETTINGS), 1), self.advanced, parent=self)
        self._show_amount()

    def set_passes(self, warm_up: int, fine_tune: int) -> None:
        """How often both stages look at every photo."""
        self.warm_up.setValue(warm_up)
        self.fine_tune.setValue(fine_tune)

    def _show_amount(self) -> None:
        config = with_amount(preset("standard", data="."), str(self.amount.currentData()))
        self.set_passes(config.warm_up.epochs, config.fine_tune.epochs)
        self.changed.emit()

    def _unfold(self, fold: QToolButton, shown: bool) -> None:
        fold.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.advanced.setVisible(shown)

    def applied(self, config: TrainingConfig) -> TrainingConfig:
        """The settings with what is chosen here. Raises ConfigError for advanced settings that can't be."""
        config = self.advanced.applied(with_amount(config, str(self.amount.currentData())))
        return replace(
            config, warm_up=replace(config.warm_up, epochs=self.warm_up.value()),
            fine_tune=replace(config.fine_tune, epochs=self.fine_tune.value()),
        )


def _passes(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, 100)
    box.setAccessibleName(name)
    box.setToolTip("A pass looks at every photo once; a stage ends early where its model no longer gets better")
    box.valueChanged.connect(lambda value: box.setSuffix(" pass" if value == 1 else " passes"))
    indent_number(box)
    box.setValue(2)
    return box


def _stage(title: str, box: QSpinBox, help_text: str) -> QVBoxLayout:
    name = QLabel(title)
    name.setBuddy(box)
    return column_of(name, box, sentence_label(f"About {title}", help_text, muted=True), 1)
