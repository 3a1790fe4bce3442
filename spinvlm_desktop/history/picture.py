"""Turns as a picture to show to others: the photo with its map, questions, answers, and what the map shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QTextLayout, QTextOption

from spinvlm_desktop.widgets.theme import LIGHT

WIDTH, MARGIN = 1200, 56
_TALLEST_PHOTO = 1200
_LARGEST_ZOOM = 4.0
_GAP = 14


Answers = Sequence[tuple[str, str]]
"""Name and text of each; an only one has no name."""


def picture(photo: QImage, turns: Sequence[tuple[str, Answers]], *, caption: str) -> QImage:
    """photo: with the overlay painted already; turns: questions with their answers; caption: the legend's small line.
    All text is plain; empty text is left out.

    The picture is 1200 pixels wide and as tall as it needs to be, so that its text is legible whatever the photo's size.
    """
    inner = WIDTH - 2 * MARGIN
    size = _photo_size(photo.size(), QSize(inner, _TALLEST_PHOTO))
    blocks = [
        (_layout(text.strip(), _font(pixels, bold=bold), inner), QColor(colour))
        for text, pixels, bold, colour in (
            *(block for question, answers in turns for block in _blocks(question, answers)),
            (caption, 22, False, LIGHT.muted),
        )
        if text.strip()
    ]
    height = 2 * MARGIN + size.height() + sum(layout.boundingRect().height() + _GAP for layout, _ in blocks) + _GAP
    made = QImage(WIDTH, round(height), QImage.Format.Format_RGB32)
    made.fill(QColor(LIGHT.surface))
    painter = QPainter(made)
    painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
    place = QRectF((WIDTH - size.width()) / 2, MARGIN, size.width(), size.height())
    # Scaled at once rather than by the painter, which looks at too few pixels when it makes a photo much smaller.
    painter.drawImage(place.topLeft(), photo.scaled(
        size.toSize(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    ))
    painter.setPen(QPen(QColor(LIGHT.border), 2))
    painter.drawRect(place)
    top = place.bottom() + 2 * _GAP
    for layout, colour in blocks:
        painter.setPen(colour)
        layout.draw(painter, QRectF(MARGIN, top, inner, 0).topLeft())
        top += layout.boundingRect().height() + _GAP
    painter.end()
    return made


def _blocks(question: str, answers: Answers) -> list[tuple[str, int, bool, str]]:
    """Text, size in pixels, whether it is bold, and colour."""
    both = [block for name, text in answers for block in ((name, 22, True, LIGHT.muted), (text, 32, False, LIGHT.text))]
    return [(question, 32, True, LIGHT.text), *both]


def _photo_size(size: QSize, room: QSize) -> QSizeF:
    """As large as there is room, but a tiny photo isn't blown up to blocks."""
    fitting = QSizeF(size).scaled(QSizeF(room), Qt.AspectRatioMode.KeepAspectRatio)
    zoom = min(fitting.width() / max(1, size.width()), _LARGEST_ZOOM)
    return QSizeF(max(1, round(size.width() * zoom)), max(1, round(size.height() * zoom)))


def _layout(text: str, font: QFont, width: int) -> QTextLayout:
    """Lines of this width; a word that is longer than a line is broken."""
    layout = QTextLayout(text.replace("\n", "\N{LINE SEPARATOR}"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    top = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QRectF(0, top, 0, 0).topLeft())
        top += line.height() * 1.15
    layout.endLayout()
    return layout


def _font(pixels: int, *, bold: bool) -> QFont:
    font = QFont()
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font
