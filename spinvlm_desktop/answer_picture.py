"""An answer as a picture to keep or to show: the photo with its map, question and answer below."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter

from spinvlm_desktop.theme import LIGHT

WIDTH, MARGIN = 1200, 48


def answer_picture(photo: QImage, question: str, answer: str, *, caption: str) -> QImage:
    """photo: with its map painted already. The text is as large as people read it, whatever the photo's size."""
    inner = WIDTH - 2 * MARGIN
    scaled = photo.scaledToWidth(inner, Qt.TransformationMode.SmoothTransformation)
    if scaled.height() > inner:
        scaled = photo.scaledToHeight(inner, Qt.TransformationMode.SmoothTransformation)
    parts = [(question, 30, True, LIGHT.text), (answer, 30, False, LIGHT.text), (caption, 22, False, LIGHT.muted)]
    parts = [part for part in parts if part[0]]
    height = MARGIN + scaled.height() + MARGIN
    for text, size, bold, _ in parts:
        height += _height(text, _font(size, bold=bold), inner) + 14
    picture = QImage(WIDTH, height + MARGIN // 2, QImage.Format.Format_RGB32)
    picture.fill(QColor(LIGHT.surface))
    painter = QPainter(picture)
    painter.drawImage((WIDTH - scaled.width()) // 2, MARGIN, scaled)
    top = float(MARGIN + scaled.height() + MARGIN // 2)
    for text, size, bold, colour in parts:
        font = _font(size, bold=bold)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        tall = _height(text, font, inner)
        painter.drawText(QRectF(MARGIN, top, inner, tall), Qt.TextFlag.TextWordWrap, text)
        top += tall + 14
    painter.end()
    return picture


def png(image: QImage) -> bytes:
    """An image as a PNG file's bytes."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType]
    return bytes(content.data())


def _font(size: int, *, bold: bool) -> QFont:
    font = QFont()
    font.setPixelSize(size)
    font.setBold(bold)
    return font


def _height(text: str, font: QFont, width: int) -> int:
    return QFontMetrics(font).boundingRect(0, 0, width, 100_000, Qt.TextFlag.TextWordWrap, text).height()
