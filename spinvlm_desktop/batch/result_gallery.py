"""The photos of a folder as pictures, each with its answer below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from spinvlm_desktop.batch.photo_thumbnails import PhotoThumbnails
from spinvlm_desktop.batch.result_model import CERTAINTY, ERROR_ROLE, PHOTO_ROLE
from spinvlm_desktop.widgets.theme import colours

SIDE, PADDING = 132, 8
"""Pixels of a thumbnail's longest side, and around it."""
LINES = 2
"""Of an answer."""


class ResultGallery(QListView):
    """Shows a column of the same model as the table; F2 corrects an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = PhotoThumbnails(SIDE, self)
        self.thumbnails.read.connect(lambda _photo: self.viewport().update())
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_TileDelegate(self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setAccessibleName("Photos with their answers")
        self.setAccessibleDescription("Enter opens a photo in the chat, F2 corrects its answer")
        self.setMinimumWidth(SIDE + 2 * PADDING + 24)


class _TileDelegate(QStyledItemDelegate):
    """A thumbnail, up to two lines of the answer, and how certain it is."""

    def __init__(self, gallery: ResultGallery) -> None:
        super().__init__(gallery)
        self._gallery = gallery

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(SIDE + 2 * PADDING, SIDE + 2 * PADDING + LINES * self._gallery.fontMetrics().lineSpacing() + PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        theme, chosen = colours(), bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(theme.accent if chosen else theme.raised))
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        place = QRect(area.left() + PADDING, area.top() + PADDING, SIDE, SIDE)
        self._paint_photo(painter, place, index.data(PHOTO_ROLE))
        certainty = index.sibling(index.row(), CERTAINTY).data()
        if certainty:
            self._paint_badge(painter, place, certainty)
        text = QRect(place.left() - 4, place.bottom() + 4, place.width() + 8, area.bottom() - place.bottom() - 6)
        painter.setFont(self._gallery.font())
        wrong = index.data(ERROR_ROLE)
        painter.setPen(QColor(theme.on_accent if chosen else theme.error if wrong else theme.text))
        words = _in_lines(index.data() or "", self._gallery, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)
        painter.restore()

    def _paint_photo(self, painter: QPainter, place: QRect, photo: Path) -> None:
        picture = self._gallery.thumbnails.get(photo, ratio=self._gallery.devicePixelRatioF())
        if picture is None or picture.isNull():
            painter.setBrush(QColor(colours().border))
            painter.drawRoundedRect(place.adjusted(8, 8, -8, -8), 4, 4)
            if picture is not None:
                painter.setPen(QColor(colours().text))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "?")
            return
        size = (picture.deviceIndependentSize()).toSize()
        painter.drawPixmap(place.center().x() - size.width() // 2, place.center().y() - size.height() // 2, picture)

    def _paint_badge(self, painter: QPainter, place: QRect, text: str) -> None:
        font = QFont(self._gallery.font())
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        box = QRect(0, 0, metrics.horizontalAdvance(text) + 10, metrics.height() + 2)
        box.moveBottomRight(place.bottomRight())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours().surface))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(colours().text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        return answer_editor(parent)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        area: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        height = editor.sizeHint().height()
        editor.setGeometry(area.left(), area.bottom() - height, area.width(), height)


def answer_editor(parent: QWidget) -> QLineEdit:
    """For a correction."""
    editor = QLineEdit(parent)
    editor.setAccessibleName("Correct answer")
    editor.setToolTip("Enter keeps your answer beside the model's, Escape leaves it; empty takes yours away")
    return editor


def _in_lines(text: str, widget: QWidget, width: int) -> str:
    """As much as fits into two lines, broken between words."""
    metrics, lines, words = widget.fontMetrics(), [""], text.split()
    while words:
        longer = f"{lines[-1]} {words[0]}".strip()
        if metrics.horizontalAdvance(longer) <= width or not lines[-1]:
            lines[-1] = longer
            del words[0]
        elif len(lines) < LINES:
            lines.append("")
        else:
            lines[-1] = f"{lines[-1]} {' '.join(words)}"
            break
    return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines)
