"""Which photos a model is to learn from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QGroupBox, QLineEdit, QWidget

from core.errors import ConfigError
from spinvlm_desktop.captioned_data.data_check import DataCheck
from spinvlm_desktop.captioned_data.data_summary import DataSummary
from spinvlm_desktop.captioned_data.flickr8k_help import Flickr8kHelp
from spinvlm_desktop.system.polled_files import holds_photos, is_folder
from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.widgets.controls import progress_bar, push_button
from spinvlm_desktop.widgets.labels import error_label, sentence_label, show_or_hide
from spinvlm_desktop.widgets.layouts import column_of, row_of
from training.data.caption_layouts import NO_CAPTIONS_FILE
from training.data.data_findings import DataFindings

TYPING_MS = 400
"""After the last letter, until a folder that is typed counts as named."""
NO_DATA = (
    "A folder with photos and a text file that says what is on them: captions.txt with “image,caption” a line, or another CSV, "
    "JSON or JSON-lines file that names photos and captions; several captions a photo are better than one."
)
OWN_PHOTOS = "Your own photos need no captions: choose their folder, and describe them here with the model's help. Or "
NO_CAPTIONS = (
    "These photos have no captions yet. Describe them here: the model suggests a sentence for each, and Enter accepts it. "
    "Nothing is written into their folder."
)


class DataPage(QGroupBox):
    """A folder is checked as soon as it is named."""

    checked = Signal()
    """The folder was checked; `findings` has what was found."""
    captioning_wanted = Signal(object)
    """Path of a folder of photos that have no captions yet."""
    changed = Signal()
    """Another folder is named, and about to be checked."""

    def __init__(
        self, title: str, *, purpose: str, show_pairs: bool = True, captions_offered: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """purpose: what the photos are for, as in "to train on"; show_pairs: whether questions made of captions are shown;
        captions_offered: whether photos without captions can be captioned from here."""
        super().__init__(title, parent)
        self._captions_offered = captions_offered
        self._purpose = purpose
        self.findings: DataFindings | None = None
        self._folder: Path | None = None
        """What was checked last."""
        self._check = DataCheck(self)
        self._check.progressed.connect(self._on_progress)
        self._check.ended.connect(self._on_checked)
        self.field = QLineEdit()
        self.field.setPlaceholderText(
            "Folder of photos, with captions or without; drop it here" if captions_offered
            else "Folder with photos and a captions file; drop it here"
        )
        self.field.setAccessibleName("Folder of captioned photos")
        self.field.setToolTip("Photos, and captions.txt or another file that names photos and captions")
        self.field.setAcceptDrops(False)  # it would take an address over as text; the page takes the folder
        self.field.editingFinished.connect(self._on_typed)
        self._pause = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._pause.timeout.connect(self._on_pause)
        self.field.textEdited.connect(lambda _text: self._pause.start())
        choose = push_button("Ch&oose…", "Choose the folder of captioned photos", self._on_choose)
        self._line = sentence_label("What the folder holds", _no_data(captions_offered), muted=True)
        self._wrong = error_label("What is wrong with the folder")
        self._help = push_button(
            "No photos of your own?", "Where to get Flickr8k, 8,000 photos with captions, and which files of it are needed",
            self.show_help,
        )
        self.caption = push_button(
            "Caption these p&hotos…", "Describe them one after the other, with the model's help", self._on_caption_wanted,
            primary=True,
        )
        self.caption.hide()
        self._bar = progress_bar("Photos checked", "Photos that were opened")
        self._bar.hide()
        self.summary = DataSummary(purpose=purpose, show_pairs=show_pairs)
        self.summary.hide()
        field = row_of((self.field, 1), choose)
        column_of(field, self._line, self._wrong, row_of(self.caption, self._help, 1), self._bar, self.summary, parent=self)

    def set_folder(self, folder: Path) -> None:
        """Take this folder and check it."""
        self._folder, self.findings = folder, None
        if Path(self.field.text().strip()) != folder:  # what is being typed stays as it is, with its last stroke
            self.field.setText(str(folder))
        self.summary.hide()
        self._check.cancel()
        there = is_folder(folder)
        self._bar.setVisible(there)
        if not there:
            self._say("", wrong=f"There is no folder {folder}.")
            self.checked.emit()
            return
        self._bar.setRange(0, 0)
        self._say("Checking the photos…")
        self._check.start(folder)
        self.changed.emit()

    def folder(self) -> Path:
        """The folder as typed. Raises ConfigError where there is none."""
        text = self.field.text().strip()
        if not text or not is_folder(Path(text)):
            raise ConfigError("Choose the folder of captioned photos first.")
        if self.findings is not None and not self.findings.usable:
            raise ConfigError(f"There is nothing {self._purpose} in this folder.")
        return Path(text).absolute()

    def problem(self) -> str:
        """Why the folder can't be used yet, as a sentence; empty where it can, or where it wasn't checked yet."""
        text = self.field.text().strip()
        if not text:
            return f"Choose a folder of photos{'' if self._captions_offered else ' with captions'} first."
        if not is_folder(Path(text)):
            return "There is no such folder of photos."
        if self._check.running:
            return "The photos are still being checked."
        if Path(text) != self._folder:
            return ""
        if self.findings is None and self.caption.isVisibleTo(self) and not self._wrong.isVisibleTo(self):
            return "Caption these photos first."
        if self.findings is None:
            return "The folder of photos can't be used; what is wrong stands below its name."
        return "" if self.findings.usable else f"There is nothing {self._purpose} in this folder."

    def close_check(self) -> None:
        """End a check that is under way."""
        self._check.cancel()

    def sentence(self) -> str:
        """The sentence on show, or nothing."""
        return next((label.text() for label in (self._wrong, self._line) if label.isVisibleTo(self)), "")

    def show_help(self) -> Flickr8kHelp:
        """Say where photos with captions can be had."""
        dialog = Flickr8kHelp(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def _say(self, sentence: str, *, wrong: str = "") -> None:
        offered = bool(wrong) and self._captions_offered and self._folder is not None and holds_photos(self._folder)
        if offered and NO_CAPTIONS_FILE in wrong:
            sentence, wrong = NO_CAPTIONS, ""
        show_or_hide(self._line, sentence)
        show_or_hide(self._wrong, wrong)
        self._help.setVisible(bool(wrong))
        self.caption.setVisible(offered)

    def _on_caption_wanted(self) -> None:
        if self._folder is not None:
            self.captioning_wanted.emit(self._folder)

    def _on_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._say(f"Checking the photos: {done:,} of {total:,}")

    def _on_checked(self, found: DataFindings | None, wrong: str) -> None:
        self.findings = found
        self._bar.hide()
        self._say("", wrong=wrong)
        self.summary.setVisible(found is not None)
        if found is not None and self._folder is not None:
            self.summary.show_findings(self._folder, found)
        self.checked.emit()

    def _on_typed(self) -> None:
        """The field also says so when it loses the focus."""
        text = self.field.text().strip()
        if text and Path(text) != self._folder:
            self.set_folder(Path(text))

    def _on_pause(self) -> None:
        """A whole name is taken without Enter, as what waits for it is off until then; half of one isn't complained about."""
        if is_folder(Path(self.field.text().strip() or "?")):
            self._on_typed()

    def _on_choose(self) -> None:
        folder = self.field.text().strip() or str(usual_folder("pictures"))
        name = QFileDialog.getExistingDirectory(self, "Folder of captioned photos", folder)
        if name:
            self.set_folder(Path(name))


def _no_data(captions_offered: bool) -> str:
    return f"{OWN_PHOTOS}{NO_DATA[0].lower()}{NO_DATA[1:]}" if captions_offered else NO_DATA
