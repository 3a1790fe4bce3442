"""A photo that is open: upright, as the model sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage

from core.images.image_input import content_hash, load_image
from spinvlm_desktop.system.png import png_bytes

Source = Path | bytes | QImage
"""What a photo can be opened from: a file, its bytes, or a picture of the clipboard's."""
LONGEST_SIDE = 2048
"""Pixels kept for the screen."""


@dataclass(frozen=True)
class OpenedImage:
    """A photo on show."""

    source: Path | bytes
    name: str
    content_hash: str
    """Of the file's bytes: every pasted picture has the same name."""
    pixels: QImage


def open_image(given: Source) -> OpenedImage:
    """Read a photo with the loader that the model uses, so that maps lie where they belong. Raises ImageError."""
    source = png_bytes(given, quick=True) if isinstance(given, QImage) else given
    photo = load_image(source, at_least=LONGEST_SIDE // 2)
    photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return OpenedImage(source, photo_name(source), content_hash(source), qt_image(photo))


def qt_image(photo: Image.Image) -> QImage:
    """The same pixels in Qt's own memory."""
    rows = np.ascontiguousarray(np.asarray(photo.convert("RGB")))  # [h, w, 3]
    height, width, _ = rows.shape
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def photo_name(source: Source) -> str:
    """What a photo is called on screen."""
    return source.name if isinstance(source, Path) else "Pasted photo"
