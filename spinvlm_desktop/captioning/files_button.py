"""Takes over what other programs' files say of the photos, writes such files, and says where all of it is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from core.errors import ImageError, reason_of
from core.files.atomic_file import write_text
from core.images.image_input import load_image
from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError
from spinvlm_desktop.captioning.place_menu import PlaceMenu
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.system.start_folder import StartFolder
from training.data.photo_notes.coco_files import Size
from training.data.photo_notes.foreign_files import Foreign, coco_texts, labelme_texts, read_foreign
from training.data.photo_notes.notes import PhotoNotes

FILES = "Captions, questions and boxes (*.json *.jsonl *.txt *.csv *.tsv)"
Texts = Mapping[str, str]


class FilesButton(QToolButton):
    """Files are read and written beside the window."""

    read = Signal(object)
    """Foreign"""
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, desk: Desk, store: NotesStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._photos = desk, store.photos
        self._start = StartFolder()
        self._background = Background(self)
        self.setText("Fi&les")
        self.setToolTip("Import and export captions, questions and boxes, and choose where what you say is kept")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for text, slot in (
            ("&Import a file (COCO, VQA, labelme, CSV)…", self._on_import_file),
            ("Import a &folder of labelme files…", self._on_import_folder),
            ("Export as &COCO and VQA files…", lambda: self._on_export(coco_texts)),
            ("Export as &labelme files…", lambda: self._on_export(None)),
        ):
            menu.addAction(text).triggered.connect(lambda _checked=False, slot=slot: slot())
        menu.addSeparator()
        self.place = PlaceMenu(menu, store, self)
        self.place.told.connect(self.told)
        self.place.failed.connect(self.failed)
        self.setMenu(menu)

    def import_from(self, path: Path) -> None:
        """Read a file or a folder; `read` or `failed` says what came of it."""
        self._background.do(lambda: read_foreign(path, self._desk.names), self.read.emit, self.failed.emit)

    def export_to(self, folder: Path, texts: Callable[[Mapping[str, PhotoNotes], Mapping[str, Size]], Texts] | None) -> None:
        """Write files of what was said; `told` or `failed` says what came of it. texts: None for labelme's files."""
        notes = {name: record.notes for name, record in self._desk.records.items() if not record.notes.is_empty}
        photos = self._photos

        def path_of(name: str, file: str) -> str:
            return Path(os.path.relpath(photos / name, (folder / file).parent)).as_posix()

        def write() -> str:
            sizes = _sizes(photos, notes)
            made = labelme_texts(notes, sizes, path_of) if texts is None else texts(notes, sizes)
            return _write(folder, made)

        self._background.do(write, self.told.emit, self.failed.emit)

    def close_files(self) -> None:
        """End what is under way."""
        self._background.forget()
        self.place.close()

    def _on_import_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Import what is said of these photos", self._start.path(), FILES)
        if name:
            self._start.remember(Path(name))
            self.import_from(Path(name))

    def _on_import_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder of labelme files", self._start.path())
        if name:
            self._start.remember(Path(name))
            self.import_from(Path(name))

    def _on_export(self, texts: Callable[[Mapping[str, PhotoNotes], Mapping[str, Size]], Texts] | None) -> None:
        name = QFileDialog.getExistingDirectory(self, "Folder for the files", self._start.path())
        if name:
            self._start.remember(Path(name))
            self.export_to(Path(name), texts)


def _sizes(photos: Path, notes: Mapping[str, PhotoNotes]) -> dict[str, Size]:
    """Of the photos that have boxes and can be read, upright."""
    found: dict[str, Size] = {}
    for name, said in notes.items():
        if any(thing.box is not None for thing in said.objects):
            try:
                found[name] = load_image(photos / name).size
            except ImageError:
                continue
    return found


def _write(folder: Path, texts: Texts) -> str:
    """Replaces no file. Returns what to tell."""
    if not texts:
        raise CaptioningError("There is nothing of this kind to export yet.")
    taken = next((name for name in texts if (folder / name).exists()), None)
    if taken is not None:
        raise CaptioningError(f"There is a file {taken} in {folder} already; choose another folder.")
    try:
        for name, content in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            write_text(folder / name, content)
    except OSError as error:
        raise CaptioningError(f"The files can't be written to {folder}: {reason_of(error)}.") from error
    return f"{len(texts):,} file{'s' * (len(texts) != 1)} written to {folder}."


def in_words(found: Foreign, taken: int) -> str:
    """What an import brought. taken: photos of which something new is said."""
    sentence = f"Taken over: what is said of {taken:,} photo{'s' * (taken != 1)}."
    return sentence + (f" {found.astray:,} entries are about no photo of this folder, and are left out." if found.astray else "")
