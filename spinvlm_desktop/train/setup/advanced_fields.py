"""The settings of a run that most people leave alone, each checked as it is typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from core.errors import ConfigError
from spinvlm_desktop.widgets.labels import add_form_row, wrapping_form
from training.run.training_config import TrainingConfig


@dataclass(frozen=True)
class Field:
    """A setting: `name`, or `stage.name`."""

    path: str
    text: str
    tip: str
    kind: Callable[[str], Any]

    def read(self, config: TrainingConfig) -> str:
        stage, _, name = self.path.rpartition(".")
        return f"{getattr(getattr(config, stage) if stage else config, name):g}"

    def written(self, config: TrainingConfig, text: str) -> TrainingConfig:
        """The settings with what was typed. Raises ConfigError."""
        try:
            value = self.kind(text)
        except ValueError:
            kind = "a whole number" if self.kind is int else "a number"
            raise ConfigError(f"{self.text} must be {kind}, and “{text}” isn't.") from None
        stage, _, name = self.path.rpartition(".")
        try:
            return replace(config, **{stage: replace(getattr(config, stage), **{name: value})} if stage else {name: value})
        except ConfigError as error:
            raise ConfigError(f"{self.text}: {str(error).rstrip('.')}.") from error


PATIENCE_TIP = "Passes without a better dev loss after which the stage ends; 0 never ends early"
FIELDS = (
    Field("warm_up.decoder_rate", "Learning rate, warm-up", "Of the decoder in stage 1; 0.0004 is usual", float),
    Field("fine_tune.decoder_rate", "Learning rate, fine-tuning", "Of the decoder in stage 2; 0.0002 is usual", float),
    Field("fine_tune.encoder_rate", "Encoder's learning rate", "Of its last block in stage 2; 0 leaves the encoder alone", float),
    Field("fine_tune.layer_decay", "Layer decay", "Each encoder block learns slower than the one above it by this factor", float),
    Field("warm_up.batch_photos", "Photos a step, warm-up", "More need more memory", int),
    Field("fine_tune.batch_photos", "Photos a step, fine-tuning", "More need more memory", int),
    Field("warm_up.patience", "Patience, warm-up", PATIENCE_TIP, int),
    Field("fine_tune.patience", "Patience, fine-tuning", PATIENCE_TIP, int),
    Field("captions_per_photo", "Captions a photo", "Captions learnt from in a pass", int),
    Field("derived_per_photo", "Questions a photo", "Questions made of captions that are learnt from in a pass", int),
    Field("presence_per_photo", "Yes/no questions a photo", "Drawn afresh in each pass, half of them with yes", int),
    Field("derived_weight", "Weight of short answers", "Against captions, whose answers are much longer", float),
    Field("dropout", "Dropout", "0 to below 1; more for few photos", float),
    Field("head_dropout", "Head dropout", "Most attention heads that are silenced in training, so that SPIN costs less", float),
    Field("guided_head_dropout", "of which as SPIN does", "Part of these where the least looking heads are", float),
    Field("attention_weight", "Attention to boxes", "Draws heads to the boxes that come with captions; 0 is off", float),
    Field("label_smoothing", "Label smoothing", "0 to below 1", float),
    Field("weight_decay", "Weight decay", "Of AdamW", float),
    Field("vocabulary_size", "Words and word parts", "Size of the vocabulary that is made of the captions", int),
    Field("seed", "Seed", "The same number gives the same run", int),
)


class AdvancedFields(QWidget):
    """Shows settings, and what becomes of them where they are edited."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        form = wrapping_form(self)
        form.setContentsMargins(0, 0, 0, 0)
        self._fields: dict[str, QLineEdit] = {}
        for item in FIELDS:
            line = QLineEdit()
            line.textEdited.connect(lambda _text: self.edited.emit())
            add_form_row(form, item.text, line, item.tip)
            self._fields[item.path] = line

    def show_config(self, config: TrainingConfig) -> None:
        """The settings' values in the fields, without a signal."""
        for item in FIELDS:
            self._fields[item.path].setText(item.read(config))

    def field(self, path: str) -> QLineEdit:
        return self._fields[path]

    def applied(self, config: TrainingConfig) -> TrainingConfig:
        """The settings with what the fields say. Raises ConfigError with a sentence about the first that can't be."""
        for item in FIELDS:
            text = self._fields[item.path].text().strip()
            if text != item.read(config):
                config = item.written(config, text)
        return config
