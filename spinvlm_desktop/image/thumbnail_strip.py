"""Photos that were dropped together, as a row of thumbnails to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QImage, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from spinvlm_desktop.image.opened_image import Source, photo_name
from spinvlm_desktop.image.thumbnail import read_small
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.theme import colours

THUMBNAIL = 56
"""Longest side of a thumbnail, in device-independent pixels."""
CELL = THUMBNAIL + 16
BAR = 3
NAME_ROLE = int(Qt.ItemDataRole.UserRole)
CHOOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
REMOVING_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class ThumbnailStrip(QListWidget):
    """A click or an arrow key shows a photo, Delete takes one away; hidden below two photos.

    Thumbnails are read in the background, so that many large photos don't hold the window up.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: list[Source] = []
        self._unread: list[QListWidgetItem] = []
        self._shown: QListWidgetItem | None = None
        self._background = Background(self)
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
        self.setAccessibleDescription("Arrow keys show the photos one by one, Delete takes one out of the row")
        self.hide()

    def set_sources(self, sources: Sequence[Source]) -> None:
        """Show these, the first as the one on show; fewer than two hide the strip."""
        self._background.forget()
        self.clear()
        self._sources = list(sources) if len(sources) > 1 else []
        self._unread = [self._add_item(source) for source in self._sources]
        self.set_shown(0 if self._sources else None)
        self.setVisible(bool(self._sources))
        self._read_next()

    def source(self, row: int) -> Source:
        return self._sources[row]

    def mark(self, source: Source | None) -> None:
        """Mark the photo that is on show, where it is one of these."""
        self.set_shown(next((row for row, other in enumerate(self._sources) if other is source), None))

    def set_shown(self, row: int | None) -> None:
        """Mark the photo in this place as the one on show."""
        self._shown = None if row is None else self.item(row)
        self.setCurrentRow(-1 if row is None else row)
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

    def _add_item(self, source: Source) -> QListWidgetItem:
        item = QListWidgetItem("")
        name = photo_name(source)
        item.setData(NAME_ROLE, name)
        item.setToolTip(plain_tip(name))
        self.addItem(item)
        return item

    def _read_next(self) -> None:
        """One at a time, so that photos that are taken out of the row needn't be read."""
        if not self._unread:
            return
        item, ratio = self._unread[0], self.devicePixelRatioF()
        source = self._sources[self.row(item)]
        self._background.do(
            lambda: read_small(source, THUMBNAIL, ratio=ratio),
            lambda image: self._on_read(item, image), lambda sentence: self._on_unreadable(item, sentence),
        )

    def _on_read(self, item: QListWidgetItem, image: QImage) -> None:
        item.setIcon(QIcon(QPixmap.fromImage(image)))
        self._go_on(item)

    def _on_unreadable(self, item: QListWidgetItem, sentence: str) -> None:
        item.setText("?")
        item.setToolTip(plain_tip(sentence))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, sentence)
        self._go_on(item)

    def _go_on(self, item: QListWidgetItem) -> None:
        if item in self._unread:
            self._unread.remove(item)
        self._read_next()

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
            if self.currentRow() not in (row, -1):
                self.chosen.emit(self.currentRow())

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
