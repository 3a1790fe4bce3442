"""The photos of a folder with what is known about each, for table and gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from spinvlm_desktop.batch.photo_result import PhotoResult, printable
from spinvlm_desktop.widgets.labels import plain_tip

Index = QModelIndex | QPersistentModelIndex
PHOTO, ANSWER, CERTAINTY = range(3)
TITLES = ("Photo", "Answer", "Certainty")
PHOTO_ROLE, RESULT_ROLE, SORT_ROLE, ERROR_ROLE = (Qt.ItemDataRole.UserRole + number for number in range(4))
NO_PARENT = QModelIndex()


class PhotoResults(QAbstractTableModel):
    """A row a photo, from the start; answers come in whatever order. The user's corrections are made in place."""

    corrected = Signal(object, object)
    """Path and PhotoResult"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos: list[Path] = []
        self._names: list[str] = []
        self._row_of: dict[Path, int] = {}
        self._results: dict[Path, PhotoResult] = {}

    def show_photos(self, photos: Sequence[Path], *, folder: Path, results: Mapping[Path, PhotoResult]) -> None:
        """These in place of those before, called by their paths in the folder."""
        self.beginResetModel()
        self._photos = list(photos)
        self._names = [printable(photo.relative_to(folder) if photo.is_relative_to(folder) else photo) for photo in photos]
        self._row_of = {photo: row for row, photo in enumerate(self._photos)}
        self._results = dict(results)
        self.endResetModel()

    def set_result(self, photo: Path, result: PhotoResult) -> None:
        row = self._row_of.get(photo)
        if row is not None:
            self._results[photo] = result
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(TITLES) - 1))

    def result(self, photo: Path) -> PhotoResult | None:
        return self._results.get(photo)

    def results(self) -> Mapping[Path, PhotoResult]:
        """Of the photos that have one."""
        return self._results

    def rowCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._photos)

    def columnCount(self, parent: Index = NO_PARENT) -> int:
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        wanted = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return TITLES[section] if wanted else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        answered = index.isValid() and self._photos[index.row()] in self._results
        return flags | Qt.ItemFlag.ItemIsEditable if answered and index.column() == ANSWER else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._photos):
            return None
        photo = self._photos[index.row()]
        if role == PHOTO_ROLE:
            return photo
        result = self._results.get(photo)
        if role == RESULT_ROLE:
            return result
        if role == ERROR_ROLE:
            return result is not None and result.failed and result.correction is None and index.column() == ANSWER
        if role == SORT_ROLE:
            return self._sort_value(index.row(), index.column(), result)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(index.row(), index.column(), result)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(index.row(), result)
        return None

    def _text(self, row: int, column: int, result: PhotoResult | None) -> str:
        if column == PHOTO:
            return self._names[row]
        if result is None:
            return ""
        if column == ANSWER:
            return " ".join(result.text.split())
        if result.correction is not None:
            return "corrected"
        return "" if result.certainty is None else f"{100 * result.certainty:.0f} %"

    def _tip(self, row: int, result: PhotoResult | None) -> str:
        if result is None:
            return plain_tip(self._names[row], "Not answered yet")
        said = [] if result.correction is None else [f"The model said: {result.shown}"]
        return plain_tip(self._names[row], result.text, *said)

    def _sort_value(self, row: int, column: int, result: PhotoResult | None) -> Any:
        """Photos without an answer, or without a certainty, come last."""
        if column == PHOTO:
            return row
        if result is None:
            return "\U0010ffff" if column == ANSWER else 3.0
        if column == ANSWER:
            return result.text.casefold()
        return 2.0 if result.certainty is None else result.certainty

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        photo = self._photos[index.row()] if index.isValid() else None
        result = None if photo is None else self._results.get(photo)
        if photo is None or result is None or role != Qt.ItemDataRole.EditRole:
            return False
        changed = result.corrected(str(value))
        if changed == result:
            return False
        self.set_result(photo, changed)
        self.corrected.emit(photo, changed)
        return True
