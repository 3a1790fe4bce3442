"""Qt's images as PNG files."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage

QUICK = 80
"""Qt's quality of a PNG, which is how little it is compressed: some five times as fast, and a quarter larger."""


def png_bytes(image: QImage, *, quick: bool = False) -> bytes:
    """The image as a PNG file. Raises ValueError for an empty image."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG", QUICK if quick else -1):  # pyright: ignore[reportCallIssue, reportArgumentType]
        raise ValueError("an image without pixels can't be saved")
    return bytes(buffer.data().data())
