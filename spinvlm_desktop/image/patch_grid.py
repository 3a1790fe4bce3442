"""Where the model's patches lie on a photo: the whole photo is squashed to a square, so a patch is a fraction of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

Patch = tuple[int, int]
"""(row, column), from 0 at the upper left."""


def patch_at(point: QPointF, photo: QRectF, *, side: int) -> Patch | None:
    """The patch at a point, where the photo lies in this rectangle with `side` patches along each side."""
    if not photo.contains(point):
        return None
    place = point - photo.topLeft()
    return (
        min(side - 1, int(place.y() / photo.height() * side)),
        min(side - 1, int(place.x() / photo.width() * side)),
    )


def neighbour(patch: Patch | None, *, rows: int, columns: int, side: int) -> Patch:
    """The patch so many rows and columns on, within the photo; from none it is the middle one."""
    if patch is None:
        return side // 2, side // 2
    return min(side - 1, max(0, patch[0] + rows)), min(side - 1, max(0, patch[1] + columns))


def paint_patch(painter: QPainter, patch: Patch, photo: QRectF, *, side: int) -> None:
    """Outline a patch in black and white, to be seen on every photo."""
    row, column = patch
    width, height = photo.width() / side, photo.height() / side
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, pen in (("#000000", 4), ("#ffffff", 2)):
        painter.setPen(QPen(QColor(colour), pen))
        painter.drawRect(QRectF(photo.x() + column * width, photo.y() + row * height, width, height))
