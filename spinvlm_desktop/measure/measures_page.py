"""What is measured, on which photos, and with which settings of head suppression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGroupBox, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from core.config import require
from spinvlm_desktop.measure.measurement import MeasurementSettings, parse_alphas, parse_keeps
from spinvlm_desktop.system.polled_files import is_folder
from spinvlm_desktop.system.start_folder import StartFolder
from spinvlm_desktop.widgets.controls import choice_list, push_button
from spinvlm_desktop.widgets.labels import add_form_row, sentence_label, wrapping_form
from spinvlm_desktop.widgets.layouts import column_of, row_of

SPLITS = (("dev", "dev — kept apart from training"), ("test", "test — for the final figure"), ("train", "train — learnt from"))
SPINS = (
    ("sweep", "Many settings: which one is best?"), ("grid", "Settings of my own"), ("off", "None: SPIN off alone"),
)
CAPTIONS_TEXT = "Captions: which objects do they invent? (CHAIR)"
PROBES_TEXT = "Yes/no questions: does it say yes to what isn't there? (POPE)"
POINTING_TEXT = "Pointing: do the heads look where the word's object is?"
CERTAINTY_TEXT = "Certainty: when the model says that it is sure, is it right?"
PEOPLE_TEXT = "People's questions: are they answered better than without the photo?"
METHODS_TEXT = "Other methods beside SPIN: is it better than chance and than its rivals, and what does it cost?"
SWEEP_TIP = (
    "Three quarters, half and a quarter of the heads, the others silenced or faint; half of them in a part of the layers, and "
    "ranked by logits; the authors' setting for captions"
)
NO_BOXES = "Pointing needs boxes beside the photos (a folder “entities” as Flickr30k Entities has it)."
OF_PRETRAINED = (
    "Of pretrained models captions, yes/no questions, pointing and people's questions are measured. In the chat they answer in "
    "free sentences, and nothing here can say whether those are right, so their certainty isn't measured."
)
USUAL_PHOTOS = 500
LEAST_WIDTH = 160
"""Pixels of a box with its text, which would else widen the page beyond a small window."""


class MeasuresPage(QGroupBox):
    """Every field is checked as it is typed."""

    changed = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._start = StartFolder()
        captions = QCheckBox(CAPTIONS_TEXT)
        captions.setToolTip("Always measured: everything else is compared with it")
        captions.setChecked(True)
        captions.setEnabled(False)
        self.probes, self.pointing = QCheckBox(PROBES_TEXT), QCheckBox(POINTING_TEXT)
        self.methods, self.certainty = QCheckBox(METHODS_TEXT), QCheckBox(CERTAINTY_TEXT)
        self.certainty.setToolTip("Questions of every kind about the photos, answered as in the chat, with SPIN off and on")
        self.people = QCheckBox(PEOPLE_TEXT)
        self.people.setToolTip("Each is asked about its photo, about four others, and without a photo (pretrained models: with a "
                               "blank one)")
        self.questions = QLineEdit()
        self.questions.setPlaceholderText("Folder of photos with people's questions; empty: those of the photos above")
        self.questions.setAccessibleName("Folder of photos with people's questions")
        self.questions.setToolTip("Photos with questions.jsonl, or VQA's own files; their dev photos are asked about too")
        self._choose = push_button("Choose &folder…", "Choose the folder of photos with people's questions", self._on_choose)
        self.methods.setToolTip("As many random heads suppressed, attention to the photo amplified (PAI), contrast with a "
                                "distorted photo (VCD), and the time that a word takes under each")
        self.probes.setChecked(True)
        self.probes.setToolTip("Questions about objects that are and that aren't in the photo, made of the captions")
        self.split = choice_list("Photos of", SPLITS, self._on_changed)
        self.spin = choice_list("SPIN", SPINS, self._on_changed)
        self.spin.setItemData(0, SWEEP_TIP, Qt.ItemDataRole.ToolTipRole)
        self.photos = QSpinBox()
        self.photos.setRange(0, 1_000_000)
        self.photos.setSingleStep(100)
        self.photos.setSpecialValueText("all")
        self.photos.setValue(USUAL_PHOTOS)
        self._photos_by_user = False
        self.photos.valueChanged.connect(lambda _value: self._on_photos())
        self.keeps, self.alphas = QLineEdit("4, 6"), QLineEdit("0, 0.1")
        for field in (self.keeps, self.alphas, self.questions):
            field.textEdited.connect(lambda _text: self._on_changed())
        for box in (self.probes, self.pointing, self.certainty, self.people, self.methods):
            box.toggled.connect(lambda _on: self._on_changed())
        for box in (captions, self.probes, self.pointing, self.certainty, self.people, self.methods):
            box.setMinimumWidth(LEAST_WIDTH)
        self._less = sentence_label("What isn't measured of pretrained models", OF_PRETRAINED, muted=True)
        self._less.hide()
        self._no_boxes = sentence_label("Why pointing can't be measured", NO_BOXES, muted=True)
        column_of(
            captions, self.probes, self.pointing, self._no_boxes, self.certainty, self.people,
            row_of((self.questions, 1), self._choose), self.methods,
            self._less, self._make_form(), parent=self
        )
        self.show_data(None, {})

    def _make_form(self) -> QVBoxLayout:
        whole, grid = wrapping_form(), QWidget()
        add_form_row(whole, "&Photos of", self.split, "Which part of the collection; what a model learnt from says little of it")
        add_form_row(whole, "At most", self.photos, "A random choice, the same each time; more give narrower intervals")
        add_form_row(whole, "SP&IN", self.spin, "Which settings of head suppression are measured beside SPIN off")
        self._grid = grid
        form = wrapping_form(grid)
        form.setContentsMargins(0, 0, 0, 0)
        add_form_row(form, "Heads &kept", self.keeps, "Numbers of heads, or parts such as 0.8, separated by commas")
        add_form_row(form, "&Weight of other heads (alpha)", self.alphas,
                     "Factors from 0 (silenced) to 1, each with each number of heads")
        return column_of(whole, grid)

    def show_kinds(self, *, own: bool, pretrained: bool) -> None:
        """Which kinds of models are ticked: this program's own, and pretrained ones, of which less can be measured."""
        for box in (self.certainty, self.methods):
            box.setEnabled(own or not pretrained)
        self._less.setVisible(pretrained)

    def less_of_pretrained(self) -> str:
        """What is said of pretrained models; empty while none is ticked."""
        return self._less.text() if self._less.isVisibleTo(self) else ""

    def propose_photos(self, count: int | None) -> None:
        """So many photos unless the user has chosen a number; None proposes the usual one."""
        if not self._photos_by_user:
            self.photos.blockSignals(True)
            self.photos.setValue(USUAL_PHOTOS if count is None else count)
            self.photos.blockSignals(False)

    def _on_photos(self) -> None:
        self._photos_by_user = True
        self._on_changed()

    def show_data(self, folder: Path | None, images: Mapping[str, int]) -> None:
        """What the chosen folder has. images: photos by split, where they were counted."""
        boxes = folder is not None and is_folder(folder / "entities" / "Annotations")
        self.pointing.setEnabled(boxes)
        self._no_boxes.setVisible(not boxes)
        for row, (key, text) in enumerate(SPLITS):
            self.split.setItemText(row, f"{text} ({images[key]:,})" if key in images else text)
        self._on_changed()

    def applied(self, settings: MeasurementSettings) -> MeasurementSettings:
        """The settings with what is chosen here. Raises ConfigError with one sentence."""
        questions = self.questions.text().strip() if self._asks_people() else ""
        require(not questions or is_folder(Path(questions)), f"There is no folder {questions}.")
        spin = self.spin.currentData(Qt.ItemDataRole.UserRole)
        own = spin == "grid"
        return replace(
            settings, split=str(self.split.currentData()), photos=self.photos.value(), spin=spin,
            probes=self.probes.isChecked(), pointing=self.pointing.isEnabled() and self.pointing.isChecked(),
            certainty=self.certainty.isEnabled() and self.certainty.isChecked(),
            methods=self.methods.isEnabled() and self.methods.isChecked(), people=self._asks_people(),
            questions=questions,
            keeps=parse_keeps(self.keeps.text()) if own else (), alphas=parse_alphas(self.alphas.text()) if own else (),
        )

    def _asks_people(self) -> bool:
        return self.people.isEnabled() and self.people.isChecked()

    def _on_choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of photos with people's questions", self._start.path())
        if name:
            self._start.remember(Path(name))
            self.questions.setText(name)
            self._on_changed()

    def _on_changed(self) -> None:
        for widget in (self.questions, self._choose):
            widget.setVisible(self.people.isChecked())
        self._grid.setVisible(self.spin.currentData() == "grid")
        self.changed.emit()
