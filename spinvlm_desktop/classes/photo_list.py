"""Thumbnails of photos that are named by their paths, read as they come into sight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.theme import colours

SIDE = 68
"""Pixels of a thumbnail."""
ROOM = 6
PATH = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class _PhotoDelegate(QStyledItemDelegate):
    """Draws a photo in the middle of its place; of one that can't be read, an exclamation mark."""

    def __init__(self, thumbnails: PhotoThumbnails, view: QListWidget) -> None:
        super().__init__(view)
        self._thumbnails = thumbnails

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(SIDE + ROOM, SIDE + ROOM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        style = QApplication.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)  # type: ignore[attr-defined]
        rect: QRect = option.rect  # type: ignore[attr-defined]
        ratio = painter.device().devicePixelRatioF()
        pixels = self._thumbnails.get(Path(index.data(PATH)), ratio=ratio)
        if pixels is None:
            return
        if pixels.isNull():
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "!")
            return
        size = pixels.deviceIndependentSize().toSize()
        corner = rect.center() - QRect(0, 0, size.width(), size.height()).center()
        painter.drawPixmap(corner, pixels)


class PhotoList(QListWidget):
    """Photos side by side. Enter opens one; Ctrl and Shift choose several; they can be dragged elsewhere."""

    photo_opened = Signal(object)
    """Path"""

    def __init__(self, name: str, thumbnails: PhotoThumbnails, parent: QWidget | None = None) -> None:
        """name: what screen readers call it."""
        super().__init__(parent)
        self._hint = ""
        self.setAccessibleName(name)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setItemDelegate(_PhotoDelegate(thumbnails, self))
        self.itemActivated.connect(lambda item: self.photo_opened.emit(Path(item.data(PATH))))
        thumbnails.read.connect(lambda _photo: self.viewport().update())

    def show_photos(self, photos: Sequence[Path], tips: Sequence[str] = ()) -> None:
        """These in place of those before; what is chosen stays chosen. tips: a line about each, where there is one."""
        chosen = {*self.chosen()}
        self.clear()
        for place, photo in enumerate(photos):
            item = QListWidgetItem()
            item.setData(PATH, str(photo))
            said = tips[place] if tips else ""
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{photo.name}. {said}".strip())
            item.setToolTip(plain_tip(*filter(None, (photo.name, said))))
            self.addItem(item)
            item.setSelected(photo in chosen)

    def set_hint(self, hint: str) -> None:
        """What is written in it while it is empty."""
        self._hint = hint
        self.viewport().update()

    def paintEvent(self, e: QPaintEvent) -> None:
        super().paintEvent(e)
        if self._hint and not self.count():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(colours().muted))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)

    def photos(self) -> list[Path]:
        return [Path(self.item(row).data(PATH)) for row in range(self.count())]

    def chosen(self) -> list[Path]:
        return [Path(item.data(PATH)) for item in self.selectedItems()]

    def mimeData(self, items: Sequence[QListWidgetItem]) -> QMimeData:
        """As files, so that they can be dropped on another class."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(item.data(PATH)) for item in items])
        return data
