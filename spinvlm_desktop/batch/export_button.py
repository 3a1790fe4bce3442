"""Exports the answers that are shown, in the form that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from spinvlm_desktop.batch.batch_request import photos_in_words
from spinvlm_desktop.batch.photo_result import PhotoResult, printable
from spinvlm_desktop.batch.result_export import (
    ExportError,
    as_csv,
    as_json_lines,
    as_training_data,
    save,
    training_name,
)
from spinvlm_desktop.batch.result_filter import ResultFilter
from spinvlm_desktop.batch.result_model import PhotoResults
from spinvlm_desktop.system.start_folder import StartFolder

KINDS = (
    ("csv", "&Table for spreadsheets (CSV)…"), ("jsonl", "&JSON, a line a photo…"),
    ("training", "&Captions or questions, as Train reads them…"),
)


class ExportButton(QPushButton):
    """Nothing is written but the file that the user names."""

    saved = Signal(str)
    """A sentence that says where."""
    complained = Signal(str)

    def __init__(
        self, shown: ResultFilter, results: PhotoResults, folder: Callable[[], Path | None], parent: QWidget | None = None
    ) -> None:
        """folder: of the photos."""
        super().__init__("&Export", parent)
        self._shown, self._results, self._folder = shown, results, folder
        self._start = StartFolder()
        self.setToolTip("Write the answers that are shown to a file")
        self.setAccessibleName("Export the answers that are shown")
        self.setAutoDefault(False)
        menu = QMenu(self)
        for kind, words in KINDS:
            menu.addAction(words).triggered.connect(lambda _checked=False, kind=kind: self._on_wanted(kind))
        self.setMenu(menu)

    def answered(self) -> list[tuple[Path, PhotoResult]]:
        """The photos that are shown and have an answer, in their order."""
        found = ((photo, self._results.result(photo)) for photo in self._shown.photos())
        return [(photo, result) for photo, result in found if result is not None]

    def write(self, kind: str, path: Path) -> None:
        """kind: csv, jsonl or training. Raises ExportError."""
        answered = self.answered()
        if kind == "csv":
            save(path, as_csv(answered))
        elif kind == "jsonl":
            save(path, as_json_lines(answered))
        else:
            save(path, as_training_data(answered, folder=path.parent))

    def _on_wanted(self, kind: str) -> None:
        answered, folder = self.answered(), self._folder()
        if not answered or folder is None:
            self.complained.emit("There is no answer to export yet.")
            return
        if kind == "training":
            name = training_name(answered)
            place, pattern = str(folder / name), f"{'Captions' if name.endswith('.csv') else 'Questions'} (*{Path(name).suffix})"
        else:
            place = self._start.path(f"{folder.resolve().name or 'photos'} answers.{kind}")
            pattern = f"{'Table' if kind == 'csv' else 'JSON lines'} (*.{kind})"
        chosen, _ = QFileDialog.getSaveFileName(self, "Export answers", place, pattern)
        if not chosen:
            return
        path = Path(chosen) if Path(chosen).suffix else Path(f"{chosen}{Path(place).suffix}")
        try:
            self.write(kind, path)
        except ExportError as error:
            self.complained.emit(str(error))
            return
        self._start.remember(path)
        self.saved.emit(f"{photos_in_words(len(answered))} exported to {printable(path)}.")
