"""What stands where no photo is open yet."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from spinvlm_desktop.widgets.theme import colours

TITLE = "Drop a photo here"
HINT = "or paste it (Ctrl+V), or open a file (Ctrl+O)"
EDGE = 18
GLYPH_WIDTH, GLYPH_HEIGHT = 68, 50
GAP = 14
CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


def paint_empty_photo(painter: QPainter, area: QRectF, *, font: QFont, below: int = 0) -> None:
    """A dashed frame, a drawn picture and two lines, in the middle of the area; lines wrap where it is narrow.

    below: pixels at the lower edge that something else stands on.
    """
    chosen = colours()
    box = area.adjusted(EDGE, EDGE, -EDGE, -EDGE)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(chosen.muted), 1.5, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(box, 10, 10)
    box = box.adjusted(0, 0, 0, -below)
    title_font = QFont(font)
    title_font.setPointSizeF(font.pointSizeF() * 1.3)
    title_font.setBold(True)
    width = box.width() - 2 * GAP
    title = QFontMetricsF(title_font).boundingRect(QRectF(0, 0, width, 1000), int(CENTRED), TITLE).height()
    hint = QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1000), int(CENTRED), HINT).height()
    left, text_height = box.x() + GAP, title + GAP / 2 + hint
    with_glyph = GLYPH_HEIGHT + GAP + text_height
    top = box.center().y() - text_height / 2
    if with_glyph <= box.height():
        top = box.center().y() - with_glyph / 2
        _paint_glyph(painter, QRectF(box.center().x() - GLYPH_WIDTH / 2, top, GLYPH_WIDTH, GLYPH_HEIGHT))
        top += GLYPH_HEIGHT + GAP
    painter.setFont(title_font)
    painter.setPen(QColor(chosen.text))
    painter.drawText(QRectF(left, top, width, title), int(CENTRED), TITLE)
    painter.setFont(font)
    painter.setPen(QColor(chosen.muted))
    painter.drawText(QRectF(left, top + title + GAP / 2, width, hint), int(CENTRED), HINT)


def _paint_glyph(painter: QPainter, frame: QRectF) -> None:
    """A picture of hills under a sun."""
    painter.setPen(QPen(QColor(colours().muted), 2))
    painter.drawRoundedRect(frame, 6, 6)
    painter.drawEllipse(QPointF(frame.x() + 18, frame.y() + 15), 5, 5)
    bottom, left = frame.bottom() - 6, frame.x()
    painter.drawPolyline([
        QPointF(left + 6, bottom), QPointF(left + 24, bottom - 18), QPointF(left + 36, bottom - 7),
        QPointF(left + 48, bottom - 20), QPointF(left + 62, bottom),
    ])
