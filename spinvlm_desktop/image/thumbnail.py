"""A photo made small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage, QPixmap

from core.image_input import load_image


def read_thumbnail(source: Path | bytes, side: int, *, ratio: float) -> QPixmap:
    """The photo within `side` pixels, sharp at this device pixel ratio. Raises ImageError."""
    pixels = round(side * ratio)
    photo = load_image(source, at_least=pixels)
    photo.thumbnail((pixels, pixels))
    rows = np.ascontiguousarray(np.asarray(photo.convert("RGB")))  # [h, w, 3]
    height, width, _ = rows.shape
    pixmap = QPixmap.fromImage(QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy())
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
