"""Which photos a model is to learn from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGroupBox, QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from core.errors import ConfigError
from spinvlm_desktop.captioned_data.data_check import DataCheck
from spinvlm_desktop.captioned_data.data_findings import DataFindings
from spinvlm_desktop.captioned_data.data_summary import DataSummary
from spinvlm_desktop.captioned_data.flickr8k_help import Flickr8kHelp
from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.widgets.labels import error_label, sentence_label, tell

NO_DATA = (
    "A folder with photos and a text file that says what is on them: captions.txt with “image,caption” a line, or another CSV, "
    "JSON or JSON-lines file that names photos and captions; several captions a photo are better than one."
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
        self.field.setAcceptDrops(False)  # it would take an address over as text; the page takes the folder
        self.field.editingFinished.connect(self._on_typed)
        choose = QPushButton("Ch&oose…")
        choose.setToolTip("Choose the folder of captioned photos")
        choose.clicked.connect(self._on_choose)
        self._told = sentence_label("What the folder holds")
        self._told.setText(NO_DATA)
        self._told.setProperty("muted", True)
        self._wrong = error_label("What is wrong with the folder")
        self._help = QPushButton("No photos of your own?")
        self._help.setToolTip("Where to get Flickr8k, 8,000 photos with captions, and which files of it are needed")
        self._help.clicked.connect(lambda _checked=False: self.show_help())
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
        column.addWidget(self._told)
        column.addWidget(self._help, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self._wrong, self._bar, self.summary):
            column.addWidget(widget)

    def set_folder(self, folder: Path) -> None:
        """Take this folder and look it over."""
        self._folder, self.findings = folder, None
        self.field.setText(str(folder))
        self.summary.hide()
        self._check.cancel()
        self._bar.setVisible(folder.is_dir())
        if not folder.is_dir():
            self._tell("", wrong=f"There is no folder {folder}.")
            self.checked.emit()
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
        return next((label.text() for label in (self._wrong, self._told) if label.isVisibleTo(self)), "")

    def show_help(self) -> Flickr8kHelp:
        """Tell where photos with captions are to be had."""
        dialog = Flickr8kHelp(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def _tell(self, sentence: str, *, wrong: str = "") -> None:
        tell(self._told, sentence)
        tell(self._wrong, wrong)
        self._help.setVisible(bool(wrong))

    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._tell(f"Looking the photos over: {done:,} of {total:,}")

    def _on_checked(self, found: DataFindings | None, wrong: str) -> None:
        self.findings = found
        self._bar.hide()
        self._tell("", wrong=wrong)
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
        folder = self.field.text().strip() or str(usual_folder("pictures"))
        name = QFileDialog.getExistingDirectory(self, "Folder of captioned photos", folder)
        if name:
            self.set_folder(Path(name))
