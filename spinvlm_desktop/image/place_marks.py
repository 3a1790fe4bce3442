"""Places of a photo on the screen: which one is pointed at, its neighbours, its outline, and what the model never saw."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from core.photo_layout import Box, PlaceGrid

Place = tuple[int, int]
"""(row, column), from 0 at the upper left."""


def place_at(point: QPointF, photo: QRectF, grid: PlaceGrid) -> Place | None:
    """The place at a point, where the photo lies in this rectangle."""
    if not photo.contains(point):
        return None
    inside = point - photo.topLeft()
    return grid.at(inside.x() / photo.width(), inside.y() / photo.height())


def neighbour(place: Place | None, grid: PlaceGrid, *, rows: int, columns: int) -> Place:
    """The place so many rows and columns on, within the photo; from none it is the middle one."""
    if place is None:
        return grid.rows // 2, grid.columns // 2
    return min(grid.rows - 1, max(0, place[0] + rows)), min(grid.columns - 1, max(0, place[1] + columns))


def paint_place(painter: QPainter, place: Place, photo: QRectF, grid: PlaceGrid) -> None:
    """Outline a place in black and white, to be seen on every photo."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, pen in (("#000000", 4), ("#ffffff", 2)):
        painter.setPen(QPen(QColor(colour), pen))
        painter.drawRect(_on_screen(grid.box(*place), photo))


def paint_unseen(painter: QPainter, boxes: Sequence[Box], photo: QRectF) -> None:
    """Hatch what the model never saw. boxes: in parts of the photo's width and height."""
    painter.setPen(Qt.PenStyle.NoPen)
    for box in boxes:
        rect = _on_screen(box, photo)
        painter.fillRect(rect, QColor(0, 0, 0, 90))
        painter.setBrush(QBrush(QColor(255, 255, 255, 170), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(rect)


def _on_screen(box: Box, photo: QRectF) -> QRectF:
    left, top, right, bottom = box
    return QRectF(
        photo.x() + left * photo.width(), photo.y() + top * photo.height(), (right - left) * photo.width(),
        (bottom - top) * photo.height(),
    )
