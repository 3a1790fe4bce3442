"""The captions of one setting: a small photo, and the caption with what it invents marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.errors import ImageError
from spinvlm_desktop.image.thumbnail import read_thumbnail
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.theme import colours
from training.evaluation.judged_captions import JudgedCaption, ListedPhoto

SIDE = 64
"""Pixels of a thumbnail's longer side."""
GAP = 8
TEXT_LINES = 3
ITEM_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


def invented_format() -> QTextCharFormat:
    """What invented words look like: bold, in the colour of errors, with a wavy line, so not by colour alone."""
    chosen, style = colours(), QTextCharFormat()
    style.setForeground(QColor(chosen.error))
    style.setFontWeight(QFont.Weight.Bold)
    style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    style.setUnderlineColor(QColor(chosen.error))
    return style


def in_words(item: JudgedCaption) -> str:
    """A caption with what is invented named, as a screen reader says it."""
    names = ", ".join(part.object for part in item.invented)
    return f"{item.caption}. {f'Invented: {names}' if names else 'Nothing is invented'}."


class CaptionModel(QAbstractListModel):
    """Thumbnails are read one at a time between events, those that are looked at."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._items: Sequence[JudgedCaption] = ()
        self._photos: Mapping[str, ListedPhoto] = {}
        self._thumbnails: dict[str, QPixmap | None] = {}
        self._wanted: list[int] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._read_one)
        self._ratio = parent.devicePixelRatioF()

    def show_items(self, items: Sequence[JudgedCaption], photos: Mapping[str, ListedPhoto]) -> None:
        self.beginResetModel()
        if photos is not self._photos:
            self._thumbnails = {}
        self._items, self._photos, self._wanted = items, photos, []
        self.endResetModel()

    def item(self, row: int) -> JudgedCaption:
        return self._items[row]

    def rowCount(self, parent: Index = QModelIndex(), /) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole, /) -> object:
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return item.caption
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return in_words(item)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(item.photo, in_words(item))
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(index.row(), item.photo)
        return None

    def _thumbnail(self, row: int, name: str) -> QPixmap | None:
        if name not in self._thumbnails:
            self._wanted.append(row)
            self._timer.start()
            return None
        return self._thumbnails[name]

    def _read_one(self) -> None:
        if not self._wanted:
            self._timer.stop()
            return
        row = self._wanted.pop()  # what was looked at last comes first
        if row >= len(self._items) or (name := self._items[row].photo) in self._thumbnails:
            return
        self._thumbnails[name] = None
        path = self._photos[name].path if name in self._photos else Path(name)
        try:
            self._thumbnails[name] = read_thumbnail(path, SIDE, ratio=self._ratio)
        except ImageError:
            return  # the page beside the list says why
        index = self.index(row)
        self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])


class _CaptionDelegate(QStyledItemDelegate):
    """Draws the photo and beside it the caption; asks for colours at each painting, so that a change of theme is followed."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        line: int = option.fontMetrics.height()  # type: ignore[attr-defined]  # the stubs leave it out
        return QSize(240, max(SIDE, TEXT_LINES * line) + 2 * GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        item: JudgedCaption = index.data(ITEM_ROLE)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        chosen = colours()
        painter.save()
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(chosen.question))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), 6, 6)
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(pixmap, QPixmap):
            size = pixmap.deviceIndependentSize()
            place = QPointF(rect.x() + GAP + (SIDE - size.width()) / 2, rect.center().y() - size.height() / 2)
            painter.drawPixmap(place, pixmap)
        room = rect.adjusted(SIDE + 2 * GAP, GAP, -GAP, -GAP)
        self._draw_caption(painter, item, room, option.font)  # type: ignore[attr-defined]
        painter.restore()

    def _draw_caption(self, painter: QPainter, item: JudgedCaption, room: QRect, font: QFont) -> None:
        layout = QTextLayout(item.caption, font)
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        ranges: list[QTextLayout.FormatRange] = []
        for part in item.invented:
            span = QTextLayout.FormatRange()
            span.start, span.length, span.format = part.start, part.end - part.start, invented_format()  # type: ignore[misc]
            ranges.append(span)
        layout.setFormats(ranges)
        layout.beginLayout()
        y = 0.0
        # Room first: a line that was made and isn't placed is drawn over the first one.
        while y + painter.fontMetrics().height() <= room.height() + 2 and (line := layout.createLine()).isValid():
            line.setLineWidth(room.width())
            line.setPosition(QPointF(0, y))
            y += line.height()
        layout.endLayout()
        painter.setPen(QColor(colours().text))
        layout.draw(painter, QPointF(room.x(), room.y() + max(0.0, (room.height() - y) / 2)))


class CaptionList(QListView):
    """Announces the caption that is chosen."""

    caption_chosen = Signal(object)
    """JudgedCaption"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._captions = CaptionModel(self)
        self.setModel(self._captions)
        self.setItemDelegate(_CaptionDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Captions; invented objects are bold with a wavy line")
        self.selectionModel().currentChanged.connect(self._on_current)

    def show_items(self, items: Sequence[JudgedCaption], photos: Mapping[str, ListedPhoto]) -> None:
        """Show these; the first is chosen."""
        self._captions.show_items(items, photos)
        if items:
            self.setCurrentIndex(self._captions.index(0))

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.caption_chosen.emit(self._captions.item(index.row()))
