"""One perceptual colour map for all that shows attention: pyqtgraph's viridis."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.answers import FloatArray
from core.photo_layout import PlaceGrid
from spinvlm_desktop.widgets.theme import colours

SAMPLES = 240
"""Along each side, of a map whose places differ in size."""
FAINTEST = 0.25
"""Opacity of a patch without attention."""
EVEN_LUMINANCE = 0.179
"""On this black and white are equally easy to read."""


@cache
def _table() -> NDArray[np.uint8]:
    """[256, 3]"""
    import pyqtgraph  # a quarter of a second, which the window needn't wait for

    found = pyqtgraph.colormap.get("viridis")
    assert found is not None
    return np.asarray(found.getLookupTable(nPts=256, alpha=False), np.uint8)


def colour_of(value: float) -> QColor:
    """value: in [0, 1]."""
    red, green, blue = _table()[round(min(1.0, max(0.0, value)) * 255)]
    return QColor(int(red), int(green), int(blue))


def text_on(colour: QColor) -> QColor:
    """Black or white, whichever is easier to read on a colour: at least 4.5:1 on any (WCAG 2.2, 1.4.3)."""
    return QColor("#000000") if luminance(colour) > EVEN_LUMINANCE else QColor("#ffffff")


def luminance(colour: QColor) -> float:
    """Relative luminance in [0, 1], as WCAG 2.2 defines it."""
    channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def heat_image(attention: FloatArray, *, scale_max: float) -> QImage:
    """[S, S] -> an image of S x S pixels; what is near zero lets more of the photo through."""
    part = np.clip(attention / max(scale_max, 1e-12), 0, 1)
    rows = np.empty((*part.shape, 4), np.uint8)
    rows[..., :3] = _table()[np.round(part * 255).astype(int)]
    rows[..., 3] = np.round((FAINTEST + (1 - FAINTEST) * part) * 255)
    height, width = part.shape
    return QImage(np.ascontiguousarray(rows).data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def even_map(attention: FloatArray, places: PlaceGrid, *, smooth: bool) -> FloatArray:
    """A map on places [rows, columns] as one on places of one size, for an image of one pixel each.

    Places that differ in size are sampled. smooth: between their middles, which the painter can't do for such an image.
    """
    if places.is_even:
        return attention
    at = (np.arange(SAMPLES) + 0.5) / SAMPLES
    if not smooth:
        rows, columns = (np.searchsorted(edges, at, "right") - 1 for edges in (places.y, places.x))
        return attention[rows][:, columns]
    middles_y, middles_x = ((np.asarray(edges[1:]) + np.asarray(edges[:-1])) / 2 for edges in (places.y, places.x))
    across = np.stack([np.interp(at, middles_x, row) for row in attention])  # [rows, SAMPLES]
    return np.stack([np.interp(at, middles_y, column) for column in across.T], axis=1).astype(np.float32)


class LegendBar(QWidget):
    """The colour map with the values at its ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = "0%", "100%"
        self.setMinimumHeight(18)
        self.setAccessibleName("Legend of the colours")
        self.setToolTip("Colours of the map over the photo: attention on one patch")

    def set_range(self, low: str, high: str) -> None:
        self._low, self._high = low, high
        self.setAccessibleDescription(f"From {low} to {high}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(220, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours().muted))
        metrics = painter.fontMetrics()
        left, right = metrics.horizontalAdvance(self._low) + 8, metrics.horizontalAdvance(self._high) + 8
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._low)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._high)
        bar = QRectF(left, self.height() / 2 - 5, max(0, self.width() - left - right), 10)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(11):
            gradient.setColorAt(step / 10, colour_of(step / 10))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 3, 3)
