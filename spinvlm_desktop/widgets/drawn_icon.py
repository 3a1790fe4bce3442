"""Small icons in the theme's text colour, drawn rather than read from files: they are sharp at any size."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QTransform

SIDE = 16
"""Units that the shapes are drawn in, and device-independent pixels at a font of 10 points."""


def drawn_icon(shape: Callable[[QPainterPath], None], colour: QColor, *, side: int = SIDE, ratio: float = 2.0) -> QIcon:
    """The icon of a shape. side: device-independent pixels."""
    pixmap = QPixmap(QSize(side, side) * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / SIDE, side / SIDE)
    paint_shape(painter, shape, colour)
    painter.end()
    return QIcon(pixmap)


def paint_shape(painter: QPainter, shape: Callable[[QPainterPath], None], colour: QColor) -> None:
    """Stroke a shape, in units of its own."""
    path = QPainterPath()
    shape(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPath(path)


def magnifier(path: QPainterPath) -> None:
    path.addEllipse(QPointF(6.8, 6.8), 4.6, 4.6)
    path.moveTo(10.2, 10.2)
    path.lineTo(14, 14)


def sidebar(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(1.8, 2.8, 12.4, 10.4), 2, 2)
    path.moveTo(6, 3)
    path.lineTo(6, 13)


def pages(path: QPainterPath) -> None:
    """To copy."""
    path.addRoundedRect(QRectF(5.5, 5.5, 8.5, 8.5), 1.5, 1.5)
    path.moveTo(10.5, 3)
    path.lineTo(10.5, 2)
    path.lineTo(2, 2)
    path.lineTo(2, 10.5)
    path.lineTo(3, 10.5)


def circling_arrow(path: QPainterPath) -> None:
    """To do it again."""
    path.arcMoveTo(QRectF(2.5, 2.5, 11, 11), 30)
    path.arcTo(QRectF(2.5, 2.5, 11, 11), 30, 300)
    path.moveTo(13.6, 2)
    path.lineTo(13.2, 5.6)
    path.lineTo(9.6, 5.2)


def pencil(path: QPainterPath) -> None:
    """To edit."""
    path.moveTo(2.5, 13.5)
    path.lineTo(3.3, 10)
    path.lineTo(11, 2.3)
    path.lineTo(13.7, 5)
    path.lineTo(6, 12.7)
    path.closeSubpath()


def thumb_up(path: QPainterPath) -> None:
    path.addRoundedRect(QRectF(1.8, 7, 2.8, 6.6), 1, 1)
    path.moveTo(4.6, 7.6)
    path.lineTo(7.2, 2.6)
    path.quadTo(9.6, 2.2, 9.3, 4.6)
    path.lineTo(8.9, 6.6)
    path.lineTo(12.6, 6.6)
    path.quadTo(14.3, 6.8, 14, 8.4)
    path.lineTo(13.2, 12.2)
    path.quadTo(12.9, 13.6, 11.4, 13.6)
    path.lineTo(6.8, 13.6)
    path.lineTo(4.6, 12.8)


def thumb_down(path: QPainterPath) -> None:
    up = QPainterPath()
    thumb_up(up)
    path.addPath(QTransform(1, 0, 0, -1, 0, SIDE).map(up))


def question_mark(path: QPainterPath) -> None:
    path.moveTo(5.2, 5.6)
    path.cubicTo(5.2, 1.6, 11.2, 1.6, 11, 5.6)
    path.cubicTo(11, 7.6, 8, 7.6, 8, 10)
    path.moveTo(8, 13.2)
    path.lineTo(8, 13.3)
