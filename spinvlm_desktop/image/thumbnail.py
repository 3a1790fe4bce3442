"""A photo made small."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage, QPixmap

from core.images.image_input import load_image
from spinvlm_desktop.image.opened_image import Source, qt_image
from spinvlm_desktop.system.png import png_bytes


def read_thumbnail(source: Path | bytes, side: int, *, ratio: float) -> QPixmap:
    """The photo within `side` pixels, sharp at this device pixel ratio. Raises ImageError."""
    return QPixmap.fromImage(read_small(source, side, ratio=ratio))


def read_small(given: Source, side: int, *, ratio: float) -> QImage:
    """The same as an image, which other threads than the window's can make."""
    source = png_bytes(given, quick=True) if isinstance(given, QImage) else given
    pixels = round(side * ratio)
    photo = load_image(source, at_least=pixels)
    photo.thumbnail((pixels, pixels))
    small = qt_image(photo)
    small.setDevicePixelRatio(ratio)
    return small
