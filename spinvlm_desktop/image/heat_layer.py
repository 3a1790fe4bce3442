"""The heat map over a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from core.photo_layout import Box
from spinvlm_desktop.image.place_marks import paint_unseen


@dataclass
class HeatLayer:
    """Nothing while there is no image."""

    image: QImage | None = None
    """One pixel a patch."""
    opacity: float = 0.0
    smooth: bool = False
    unseen: Sequence[Box] = ()
    """What the model never saw, which is hatched."""

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """rect: where the photo lies."""
        if self.image is None:
            return
        painter.save()
        painter.setOpacity(self.opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        painter.drawImage(rect, self.image)
        painter.setOpacity(1.0)
        paint_unseen(painter, self.unseen, rect)
        painter.restore()
