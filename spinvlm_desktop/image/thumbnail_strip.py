"""Photos that were dropped together, as a row of thumbnails to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.errors import ImageError
from spinvlm_desktop.image.thumbnail import read_thumbnail
from spinvlm_desktop.labels import plain_tip
from spinvlm_desktop.theme import colours

THUMBNAIL = 56
"""Longest side of a thumbnail, in device-independent pixels."""
CELL = THUMBNAIL + 16
BAR = 3
NAME_ROLE = int(Qt.ItemDataRole.UserRole)
CHOOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
REMOVING_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class ThumbnailStrip(QListWidget):
    """Arrow keys go along the photos, Enter or a click chooses one, Delete takes one away; hidden below two photos.

    Thumbnails are read one at a time between events, so that many large photos don't hold the window up.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[Path | bytes] = []
        self._unread: list[QListWidgetItem] = []
        self._shown: QListWidgetItem | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_time_to_read)
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFlow(QListWidget.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setGridSize(QSize(CELL, CELL))
        self.setFixedHeight(CELL + 24)
        self.setItemDelegate(_ThumbnailDelegate(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_wanted)
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))
        self.setAccessibleName("Photos dropped together")
        self.setAccessibleDescription("Arrow keys go along the photos, Enter shows one, Delete takes one out of the row")
        self.hide()

    def set_sources(self, sources: Sequence[Path | bytes]) -> None:
        """Show these, the first as the one on show; fewer than two hide the strip."""
        self._timer.stop()
        self.clear()
        self._sources = list(sources) if len(sources) > 1 else []
        self._unread = [self._add_item(source) for source in self._sources]
        self.set_shown(0 if self._sources else None)
        self.setVisible(bool(self._sources))
        if self._unread:
            self._timer.start(0)

    def source(self, row: int) -> Path | bytes:
        return self._sources[row]

    def set_shown(self, row: int | None) -> None:
        """Mark the photo that is on show."""
        self._shown = None if row is None else self.item(row)
        if row is not None:
            self.setCurrentRow(row)
        for index in range(self.count()):
            item = self.item(index)
            state = ", on show" if item is self._shown else ""
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.data(NAME_ROLE) + state)
        self.viewport().update()

    def remove(self, row: int) -> None:
        """Take a photo out of the row; the one on show stays on show."""
        item = self.item(row)
        if item is self._shown:
            self._shown = None
        if item in self._unread:
            self._unread.remove(item)
        del self._sources[row]
        self.takeItem(row)
        if len(self._sources) < 2:
            self.set_sources([])

    def thumbnails_wait(self) -> bool:
        """Whether some thumbnails are still to be read."""
        return bool(self._unread)

    def _add_item(self, source: Path | bytes) -> QListWidgetItem:
        item = QListWidgetItem("")
        name = source.name if isinstance(source, Path) else "Pasted photo"
        item.setData(NAME_ROLE, name)
        item.setToolTip(plain_tip(name))
        self.addItem(item)
        return item

    def _on_time_to_read(self) -> None:
        if not self._unread:
            self._timer.stop()
            return
        item = self._unread.pop(0)
        try:
            item.setIcon(QIcon(read_thumbnail(self._sources[self.row(item)], THUMBNAIL, ratio=self.devicePixelRatioF())))
        except ImageError as error:
            item.setText("?")
            item.setToolTip(plain_tip(str(error)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, str(error))

    def _on_menu_wanted(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:  # pyright: ignore[reportUnnecessaryComparison]  # the stub leaves None out
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # The row is looked up only then: other photos may have gone while the menu was open.
        menu.addAction("Show").triggered.connect(lambda _checked=False: self.chosen.emit(self.row(item)))
        menu.addAction("Take out of the row").triggered.connect(lambda _checked=False: self.remove(self.row(item)))
        menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentRow()
        if row >= 0 and event.key() in CHOOSING_KEYS:
            self.chosen.emit(row)
        elif row >= 0 and event.key() in REMOVING_KEYS:
            self.remove(row)
        else:
            super().keyPressEvent(event)

    def is_shown(self, index: QModelIndex | QPersistentModelIndex) -> bool:
        """Whether an entry is the photo on show."""
        return self._shown is not None and self.row(self._shown) == index.row()


class _ThumbnailDelegate(QStyledItemDelegate):
    """Draws a thumbnail in the middle of its cell, and a bar below the photo on show: keys may have moved on from it."""

    def __init__(self, strip: ThumbnailStrip) -> None:
        super().__init__(strip)
        self._strip = strip

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(CELL, CELL)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        chosen = colours()
        selected = self._strip.currentRow() == index.row()
        cell = QRect(self._strip.visualRect(index)).adjusted(2, 2, -2, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if selected:
            painter.setBrush(QColor(chosen.accent))
            painter.drawRoundedRect(cell, 6, 6)
        place = QRect(cell.x(), cell.y() + 2, cell.width(), THUMBNAIL)
        icon, text = index.data(Qt.ItemDataRole.DecorationRole), index.data(Qt.ItemDataRole.DisplayRole)
        if isinstance(icon, QIcon) and not icon.isNull():
            icon.paint(painter, place.adjusted(4, 2, -4, -2))
        elif text:
            font = QFont(self._strip.font())
            font.setPointSizeF(font.pointSizeF() * 1.6)
            painter.setFont(font)
            painter.setPen(QColor(chosen.on_accent if selected else chosen.error))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        if self._strip.is_shown(index):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(chosen.on_accent if selected else chosen.link))
            painter.drawRoundedRect(QRect(cell.x() + 10, cell.bottom() - BAR - 2, cell.width() - 20, BAR), 1, 1)
        painter.restore()
