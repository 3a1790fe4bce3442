"""Which photos a model is to learn from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QGroupBox, QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.errors import ConfigError
from spinvlm_desktop.captioned_data.data_check import DataCheck
from spinvlm_desktop.captioned_data.data_findings import DataFindings
from spinvlm_desktop.captioned_data.data_summary import DataSummary
from spinvlm_desktop.labels import sentence_label

NO_DATA = (
    "No photos of your own? Flickr8k has 8,000 photos with five captions each, given out by the University of Illinois for "
    "non-commercial research and education. Search for “Flickr8k dataset”, accept its terms, and unpack two things into one "
    "folder: the photos' folder (Images or Flicker8k_Dataset) and the captions (captions.txt or Flickr8k.token.txt)."
)


class DataPage(QGroupBox):
    """A folder is looked over as soon as it is named."""

    checked = Signal()
    """The folder was looked over; `findings` has what was found."""

    def __init__(self, title: str, *, purpose: str, show_pairs: bool = True, parent: QWidget | None = None) -> None:
        """purpose: what the photos are for, as in "to train on"; show_pairs: whether questions made of captions are shown."""
        super().__init__(title, parent)
        self._purpose = purpose
        self.findings: DataFindings | None = None
        self._folder: Path | None = None
        """What was looked over last."""
        self._check = DataCheck(self)
        self._check.progressed.connect(self._on_progress)
        self._check.ended.connect(self._on_checked)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Folder with photos and a captions file; drop it here")
        self.field.setAccessibleName("Folder of captioned photos")
        self.field.setToolTip("Photos, and captions.txt or another file that names photos and captions")
        self.field.editingFinished.connect(self._on_typed)
        choose = QPushButton("&Choose…")
        choose.setToolTip("Choose the folder of captioned photos")
        choose.clicked.connect(self._on_choose)
        self._told = sentence_label("What the folder holds")
        self._told.setText(NO_DATA)
        self._told.setProperty("muted", True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Photos looked over")
        self._bar.setToolTip("Photos that were opened")
        self._bar.hide()
        self.summary = DataSummary(purpose=purpose, show_pairs=show_pairs)
        self.summary.hide()
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(choose)
        column = QVBoxLayout(self)
        column.addLayout(row)
        for widget in (self._told, self._bar, self.summary):
            column.addWidget(widget)

    def set_folder(self, folder: Path) -> None:
        """Take this folder and look it over."""
        self._folder, self.findings = folder, None
        self.field.setText(str(folder))
        self.summary.hide()
        self._check.cancel()
        self._bar.setVisible(folder.is_dir())
        if not folder.is_dir():
            self._tell(f"There is no folder {folder}.")
            return
        self._bar.setRange(0, 0)
        self._tell("Looking the photos over…")
        self._check.start(folder)

    def folder(self) -> Path:
        """The folder as typed. Raises ConfigError where there is none."""
        text = self.field.text().strip()
        if not text or not Path(text).is_dir():
            raise ConfigError("Choose the folder of captioned photos first.")
        if self.findings is not None and not self.findings.usable:
            raise ConfigError(f"There is nothing {self._purpose} in this folder.")
        return Path(text).absolute()

    def close_check(self) -> None:
        """End a check that is under way."""
        self._check.cancel()

    def told(self) -> str:
        """The sentence on show, or nothing."""
        return self._told.text() if self._told.isVisibleTo(self) else ""

    def _tell(self, sentence: str) -> None:
        self._told.setText(sentence)
        self._told.setVisible(bool(sentence))

    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._tell(f"Looking the photos over: {done:,} of {total:,}")

    def _on_checked(self, found: DataFindings | None, wrong: str) -> None:
        self.findings = found
        self._bar.hide()
        self._tell(wrong)
        self.summary.setVisible(found is not None)
        if found is not None and self._folder is not None:
            self.summary.show_findings(self._folder, found)
        self.checked.emit()

    def _on_typed(self) -> None:
        """The field also tells when it loses the focus."""
        text = self.field.text().strip()
        if text and Path(text) != self._folder:
            self.set_folder(Path(text))

    def _on_choose(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of captioned photos", self.field.text())
        if name:
            self.set_folder(Path(name))
