"""What a new model is to learn from, what it starts from, and how long it is trained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConfigError
from spinvlm_desktop.labels import add_form_row, enlarge, error_label, narrow_combo, plain_tip, tell, wrapping_form
from spinvlm_desktop.training_tab.data_check import DataCheck
from training.config import TrainingConfig, preset

NO_DATA = (
    "No photos of your own? Flickr8k has 8,000 photos with five captions each. It is given out by the University of Illinois "
    "for research and teaching: ask for it there, and unpack its Images folder beside its captions file."
)
PRESETS = (
    ("quick", "Quick look", "A small model on at most 1,500 photos: minutes, to see that all works"),
    ("standard", "Standard", "All photos, 6 layers: hours on a processor"),
    ("starter", "As the starter model", "All photos, 4 layers: somewhat faster"),
)
STARTS = (
    ("bundled", "The encoder that came with the program", "Works offline"),
    ("pretrained", "timm's pre-trained encoder (a download of 23 MB)", "Better, but needs a connection"),
    ("file", "An encoder's weights in a file…", "A file that timm made or that fits its ViT-Tiny"),
    ("model", "A model of this program…", "Goes on with its words and weights: the shortest way to your own photos"),
)


class SetupView(QWidget):
    """Tells of a run that is wanted; starts nothing itself."""

    run_wanted = Signal(str, object)
    """Name of the run, and TrainingConfig"""
    checked = Signal()
    """The folder was looked over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._start_file: Path | None = None
        self._folder: Path | None = None
        """What was looked over last."""
        self._check = DataCheck(self)
        self._check.ended.connect(self._on_checked)
        title = enlarge(QLabel("Train a model on your own photos"), 1.4)
        title.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (title, self._make_data(), self._make_model(), self._make_stages()):
            layout.addWidget(widget)
        self._error = error_label("What is wrong")
        layout.addWidget(self._error)
        layout.addStretch(1)
        row = QHBoxLayout()
        row.addStretch(1)
        self.start_button = QPushButton("&Start training")
        self.start_button.setProperty("primary", True)
        self.start_button.setToolTip("Train in the background; the chat can be used meanwhile")
        self.start_button.clicked.connect(self._on_start_wanted)
        row.addWidget(self.start_button)
        layout.addLayout(row)
        self._show_preset()

    # -- layout

    def _make_data(self) -> QGroupBox:
        group = QGroupBox("1. Photos with captions")
        column = QVBoxLayout(group)
        self.data_field = QLineEdit()
        self.data_field.setPlaceholderText("Folder with photos and a captions file; drop it here")
        self.data_field.setAccessibleName("Folder of captioned photos")
        self.data_field.setToolTip("Photos, and captions.txt or another file that names photos and captions")
        self.data_field.editingFinished.connect(self._on_typed)
        choose = QPushButton("&Choose…")
        choose.setToolTip("Choose the folder of captioned photos")
        choose.clicked.connect(self._on_choose)
        row = QHBoxLayout()
        row.addWidget(self.data_field, 1)
        row.addWidget(choose)
        column.addLayout(row)
        self._found = QPlainTextEdit(NO_DATA)
        self._found.setReadOnly(True)
        self._found.setAccessibleName("What the folder holds")
        self._found.setMaximumHeight(120)
        column.addWidget(self._found)
        return group

    def _make_model(self) -> QGroupBox:
        group = QGroupBox("2. Model")
        form = wrapping_form(group)
        self._start = narrow_combo()
        for name, text, tip in STARTS:
            self._start.addItem(text, name)
            self._start.setItemData(self._start.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._start.activated.connect(lambda _row: self._on_start_chosen())
        self._size = narrow_combo()
        for name, text, tip in PRESETS:
            self._size.addItem(f"{text} — {tip.lower()}", name)
        self._size.currentIndexChanged.connect(lambda _row: self._show_preset())
        self._name = QLineEdit("My model")
        add_form_row(form, "Start &from", self._start, "Where the first weights come from")
        add_form_row(form, "S&ize", self._size, "How large the model is and how much it sees")
        add_form_row(form, "&Name", self._name, "Name of the run, and of the model in the Models menu")
        return group

    def _make_stages(self) -> QGroupBox:
        group = QGroupBox("3. Stages")
        form = wrapping_form(group)
        self._warm_up, self._fine_tune = QSpinBox(), QSpinBox()
        for box in (self._warm_up, self._fine_tune):
            box.setRange(1, 100)
            box.valueChanged.connect(lambda value, box=box: box.setSuffix(" pass" if value == 1 else " passes"))
            box.setValue(2)
        add_form_row(form, "&Warm-up", self._warm_up,
                     "Only the text decoder learns, on what the encoder sees already: fast")
        add_form_row(form, "&Fine-tuning", self._fine_tune,
                     "All weights learn, those of the encoder slower: several times slower a pass")
        help_text = QLabel("A pass looks at every photo once. A stage ends early where its model no longer gets better.")
        help_text.setProperty("muted", True)
        help_text.setWordWrap(True)
        form.addRow("", help_text)
        return group

    # -- what the user does

    def set_folder(self, folder: Path) -> None:
        """Take this folder and look it over."""
        self._folder = folder
        self.data_field.setText(str(folder))
        if not folder.is_dir():
            self._found.setPlainText(f"There is no folder {folder}.")
            return
        self._found.setPlainText("Looking the photos over…")
        self._check.start(folder)

    def set_passes(self, warm_up: int, fine_tune: int) -> None:
        """How often both stages look at every photo."""
        self._warm_up.setValue(warm_up)
        self._fine_tune.setValue(fine_tune)

    def close_check(self) -> None:
        """End a check that is under way."""
        self._check.cancel()

    def _on_checked(self, _usable: bool, text: str) -> None:
        self._found.setPlainText(text)
        self.checked.emit()

    def _on_typed(self) -> None:
        """The field also tells when it loses the focus."""
        text = self.data_field.text().strip()
        if text and Path(text) != self._folder:
            self.set_folder(Path(text))

    def _on_choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of captioned photos", self.data_field.text())
        if name:
            self.set_folder(Path(name))

    def _on_start_chosen(self) -> None:
        kind = self._start.currentData()
        if kind not in ("file", "model"):
            self._start_file = None
            return
        pattern = "Model files (*.safetensors *.pth)" if kind == "model" else "Encoder weights (*.safetensors *.pth *.npz)"
        name, _ = QFileDialog.getOpenFileName(self, "Start from", "", pattern)
        if name:
            self._start_file = Path(name)
            self._start.setToolTip(plain_tip(name))
        else:
            self._start.setCurrentIndex(0)
            self._start_file = None

    def _show_preset(self) -> None:
        config = preset(self._size.currentData(), data=".")
        self._warm_up.setValue(config.warm_up.epochs)
        self._fine_tune.setValue(config.fine_tune.epochs)

    def wanted(self) -> TrainingConfig:
        """The settings as shown. Raises ConfigError with one sentence."""
        folder = Path(self.data_field.text().strip())
        if not self.data_field.text().strip() or not folder.is_dir():
            raise ConfigError("Choose the folder of captioned photos first.")
        kind = self._start.currentData()
        config = preset(self._size.currentData(), data=str(folder.absolute()))
        if kind == "model" and self._start_file is not None:
            config = replace(config, start_from=str(self._start_file))
        else:
            config = replace(config, encoder=str(self._start_file) if kind == "file" else str(kind))
        return replace(
            config, warm_up=replace(config.warm_up, epochs=self._warm_up.value()),
            fine_tune=replace(config.fine_tune, epochs=self._fine_tune.value()),
        )

    def _on_start_wanted(self) -> None:
        try:
            config = self.wanted()
            name = self._name.text().strip()
            if not re.fullmatch(r"[^\x00-\x1f/\\:*?\"<>|.][^\x00-\x1f/\\:*?\"<>|]{0,79}", name):
                raise ConfigError('A name has 1 to 80 characters, none of them / \\ : * ? " < > |, and no dot first.')
        except ConfigError as error:
            self.show_error(str(error))
            return
        self.show_error("")
        self.run_wanted.emit(name, config)

    def show_error(self, sentence: str) -> None:
        """Empty hides it."""
        tell(self._error, sentence)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folders = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.set_folder(next((path for path in folders if path.is_dir()), folders[0].parent))

