"""What a new model starts from, how large it is, and what it is called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGroupBox, QLineEdit, QWidget

from core.files.bundled_models import starter_model_path
from spinvlm_desktop.jobs.folder_names import free_name, moved
from spinvlm_desktop.models.model_list import MODEL_FILES
from spinvlm_desktop.system.polled_files import exists
from spinvlm_desktop.train.setup.choices import SIZES, STARTS, WORDS, size_in_words, with_size
from spinvlm_desktop.train.setup.file_choice import FileChoice
from spinvlm_desktop.widgets.controls import choice_list
from spinvlm_desktop.widgets.labels import add_form_row, wrapping_form
from training.run.training_config import TrainingConfig

STARTING_SIZE = 1
NAME = "My model"


class ModelPage(QGroupBox):
    """Announces every change."""

    changed = Signal()

    def __init__(self, runs: Path, parent: QWidget | None = None) -> None:
        """runs: folder of the runs, whose models can be gone on from, and whose names are taken."""
        super().__init__("2. Model", parent)
        self._runs = runs
        self._form = form = wrapping_form(self)
        self.start = FileChoice(STARTS, {
            "file": "Encoder weights (*.safetensors *.pth *.npz)", "model": MODEL_FILES,
        }, folder=runs)
        self.start.chosen.connect(self._on_start_chosen)
        sizes = [(choice.key, size_in_words(choice)) for choice in SIZES]
        self.size_choice = choice_list("Size", sizes, self.changed.emit)
        self.size_choice.setCurrentIndex(STARTING_SIZE)
        self.words = FileChoice(WORDS, {"file": "Word lists (*.json)"})
        self.words.chosen.connect(self.changed)
        self.name = QLineEdit(NAME)
        self.name.setMaxLength(200)
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        add_form_row(form, "Sta&rt from", self.start, "Where the first weights come from")
        add_form_row(form, "Si&ze", self.size_choice, "Larger models learn more from many photos, and are slower")
        add_form_row(form, "Wor&ds", self.words, "What the model's text is made of")
        add_form_row(form, "&Name", self.name, "Name of the run, and of the model in the Models menu")
        self._show_start()
        self.offer_name()

    def start_from(self, model: Path) -> None:
        """Go on from this model."""
        self.start.set_file("model", model)

    def follow_rename(self, old: Path, new: Path) -> None:
        """A folder was renamed; where the chosen file lies in it, it is found there."""
        for choice in (self.start, self.words):
            if choice.file is not None:
                choice.set_file(choice.key, moved(choice.file, old, new))

    def offer_name(self) -> None:
        """A name that no run has yet, in place of one that is taken."""
        self.name.setText(free_name(self.name.text().strip(), lambda name: exists(self._runs / name)))

    def _on_start_chosen(self) -> None:
        self._show_start()
        self.changed.emit()

    def _show_start(self) -> None:
        # A model brings its own sizes and words.
        new = self.start.key not in ("starter", "model")
        for widget in (self.size_choice, self.words):
            widget.setEnabled(new)
            self._form.setRowVisible(widget, new)

    def applied(self, config: TrainingConfig) -> TrainingConfig:
        """The settings with what is chosen here."""
        if self.start.key == "starter":
            return replace(config, start_from=str(starter_model_path()))
        if self.start.key == "model":
            return replace(config, start_from=str(self.start.file))
        words = self.words.file
        encoder = self.start.key if self.start.file is None else str(self.start.file)
        config = replace(config, encoder=encoder, vocabulary=None if words is None else str(words))
        return with_size(config, str(self.size_choice.currentData(Qt.ItemDataRole.UserRole)))
