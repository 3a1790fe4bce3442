"""The list of conversations: its model, how a row is drawn, and its days in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from spinvlm_desktop.history.records import Conversation
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.labels import plain_tip
from spinvlm_desktop.widgets.theme import Colours, colours

Index = QModelIndex | QPersistentModelIndex
ID_ROLE, IMAGE_ROLE, DETAIL_ROLE, DAY_ROLE = (Qt.ItemDataRole.UserRole + number for number in range(4))
"""Number, thumbnail, second line, and the day's name above the day's first conversation."""
LONGEST_TITLE = 200
_THUMBNAIL, _PADDING = 40, 8
_ENGLISH = QLocale(QLocale.Language.English)


def day_words(timestamp: float, *, now: datetime) -> str:
    """A day as people say it: Today, Yesterday, Monday, 3 March, 3 March 2024."""
    when = datetime.fromtimestamp(timestamp)
    days = (now.date() - when.date()).days
    if days <= 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    if days < 7:
        return _ENGLISH.dayName(when.isoweekday())
    day = f"{when.day} {_ENGLISH.monthName(when.month)}"
    return day if when.year == now.year else f"{day} {when.year}"


class ConversationModel(QAbstractListModel):
    """Conversations with their thumbnails. A new title is emitted, and shown at once."""

    renamed = Signal(int, str)
    thumbnail_read = Signal()
    """In place of dataChanged, which would undo what is typed into a title."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._thumbnail_of: Callable[[str], QImage | None] = lambda _image_hash: None
        self._thumbnails: dict[str, QImage | None] = {}
        """By the photo's hash; None while it is read, or where there is none."""
        self._reading: set[str] = set()
        self._background = Background(self)
        self._rows: list[Conversation] = []
        self._titles: dict[int, str] = {}
        """New titles by conversation, until the rows are replaced."""

    def set_thumbnails(self, thumbnail_of: Callable[[str], QImage | None]) -> None:
        """Where thumbnails come from, by the photo's hash. Asked beside the window, and only for what is in sight."""
        self._background.forget()
        self._thumbnail_of, self._thumbnails, self._reading = thumbnail_of, {}, set()

    def replace(self, rows: Sequence[Conversation]) -> None:
        self.beginResetModel()
        self._rows, self._titles = list(rows), {}
        # What was missing is looked for again.
        self._thumbnails = {
            name: image for name, image in self._thumbnails.items() if image is not None or name in self._reading
        }
        self.endResetModel()

    def row_of(self, conversation_id: int | None) -> QModelIndex:
        """Invalid where it isn't in the list."""
        for row, conversation in enumerate(self._rows):
            if conversation.id == conversation_id:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        conversation = self._rows[index.row()]
        if role == IMAGE_ROLE:
            return self._thumbnail(conversation.image_hash)
        title = " ".join(self._titles.get(conversation.id, conversation.name).split()) or "Untitled"
        day = day_words(conversation.changed, now=datetime.now())
        when = datetime.fromtimestamp(conversation.changed)
        other = conversation.question if title == conversation.image_name else conversation.image_name
        return {
            Qt.ItemDataRole.DisplayRole: title,
            Qt.ItemDataRole.EditRole: title,
            Qt.ItemDataRole.ToolTipRole: plain_tip(title, f"{conversation.image_name}, {when:%Y-%m-%d %H:%M}"),
            Qt.ItemDataRole.AccessibleTextRole: f"{title}, {day}, {when:%H:%M}",
            ID_ROLE: conversation.id, DETAIL_ROLE: f"{when:%H:%M} · {' '.join(other.split())}",
            DAY_ROLE: day if self._is_first_of_day(index.row()) else None,
        }.get(role)

    def _is_first_of_day(self, row: int) -> bool:
        before = self._rows[row - 1].changed if row else None
        return before is None or datetime.fromtimestamp(before).date() != datetime.fromtimestamp(self._rows[row].changed).date()

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """An empty title, or the old one, changes nothing."""
        title = " ".join(str(value).split())[:LONGEST_TITLE]
        if role != Qt.ItemDataRole.EditRole or not index.isValid() or title in ("", self.data(index)):
            return False
        number = self._rows[index.row()].id
        self._titles[number] = title
        self.dataChanged.emit(index, index)
        self.renamed.emit(number, title)
        return True

    def _thumbnail(self, image_hash: str) -> QImage | None:
        if image_hash not in self._thumbnails:
            self._thumbnails[image_hash] = None
            self._reading.add(image_hash)
            read = self._thumbnail_of
            self._background.do(
                lambda: read(image_hash), lambda image: self._on_thumbnail(image_hash, image),
                lambda _sentence: self._on_thumbnail(image_hash, None),
            )
        return self._thumbnails[image_hash]

    def _on_thumbnail(self, image_hash: str, image: QImage | None) -> None:
        self._thumbnails[image_hash] = image
        self._reading.discard(image_hash)
        self.thumbnail_read.emit()


class ConversationDelegate(QStyledItemDelegate):
    """Two lines beside a thumbnail, below the day's name where a day begins; the title is edited in place."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = option.fontMetrics.height() + QFontMetrics(_small(option.font)).height()  # pyright: ignore[reportAttributeAccessIssue]
        heading = _heading_height(option.font) if index.data(DAY_ROLE) else 0  # pyright: ignore[reportAttributeAccessIssue]
        return QSize(120, max(_THUMBNAIL, lines + 4) + 2 * _PADDING + heading)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        area, font, state = option.rect, option.font, option.state  # pyright: ignore[reportAttributeAccessIssue]
        theme = colours()
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if day := index.data(DAY_ROLE):
            small = QFont(_small(font))
            small.setBold(True)
            painter.setFont(small)
            painter.setPen(QColor(theme.muted))
            heading = _heading_height(font)
            where = QRect(area.left() + _PADDING, area.top(), area.width() - _PADDING, heading)
            painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, day)
            area = area.adjusted(0, heading, 0, 0)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent if chosen else theme.raised))
            painter.drawRoundedRect(area.adjusted(2, 1, -2, -1), 6, 6)
        _paint_thumbnail(painter, _thumbnail_area(area), index.data(IMAGE_ROLE), theme=theme)
        text = _text_area(area)
        small = _small(font)
        heights = QFontMetrics(font).height(), QFontMetrics(small).height()
        top = text.top() + (text.height() - sum(heights) - 2) // 2
        for words, line_font, y, height, colour in (
            (index.data(), font, top, heights[0], theme.text),
            (index.data(DETAIL_ROLE), small, top + heights[0] + 2, heights[1], theme.muted),
        ):
            painter.setFont(line_font)
            painter.setPen(QColor(theme.on_accent if chosen else colour))
            fitting = QFontMetrics(line_font).elidedText(words, Qt.TextElideMode.ElideRight, text.width())
            painter.drawText(QRect(text.left(), y, text.width(), height), Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("Title of the conversation")
        editor.setToolTip("Enter keeps the new title, Escape the old one")
        editor.setMaxLength(LONGEST_TITLE)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(Qt.ItemDataRole.EditRole))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())  # pyright: ignore[reportArgumentType]

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        heading = _heading_height(option.font) if index.data(DAY_ROLE) else 0  # pyright: ignore[reportAttributeAccessIssue]
        area = _text_area(option.rect.adjusted(0, heading, 0, 0))  # pyright: ignore[reportAttributeAccessIssue]
        editor.setGeometry(area.left() - 6, area.top(), area.width() + 8, area.height())  # the date would show around it


def _heading_height(font: QFont) -> int:
    return QFontMetrics(_small(font)).height() + _PADDING


def _thumbnail_area(area: QRect) -> QRect:
    return QRect(area.left() + _PADDING, area.center().y() - _THUMBNAIL // 2, _THUMBNAIL, _THUMBNAIL)


def _text_area(area: QRect) -> QRect:
    return area.adjusted(_THUMBNAIL + 2 * _PADDING + 2, 2, -_PADDING, -2)


def _small(font: QFont) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(max(7.0, font.pointSizeF() * 0.88))
    return smaller


def _paint_thumbnail(painter: QPainter, area: QRect, image: QImage | None, *, theme: Colours) -> None:
    """The image's middle, with round corners; a plain ground where there is none."""
    shape = QPainterPath()
    shape.addRoundedRect(area, 5, 5)
    painter.fillPath(shape, QColor(theme.border))
    if image is None or image.isNull():
        return
    side = min(image.width(), image.height())
    painter.save()
    painter.setClipPath(shape)
    painter.drawImage(area, image, QRect((image.width() - side) // 2, (image.height() - side) // 2, side, side))
    painter.restore()
