"""Where the cells of the grid of heads lie: all layers open, or, of a model with many, each a strip that can be opened."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from core.answers import HeadIndex

MOST_OPEN = 12
"""Layers up to which all heads are shown at once."""
MOST_ACROSS = 16
"""Heads beside each other in a layer that was opened."""


@dataclass(frozen=True)
class GridPlaces:
    """In the widget's pixels."""

    layers: int
    heads: int
    width: float
    font_height: int
    label_width: int
    opened: int | None = None
    """The layer whose heads are shown, where layers are strips."""

    @property
    def has_strips(self) -> bool:
        return self.layers > MOST_OPEN

    @property
    def header_height(self) -> int:
        """Of the heads' numbers."""
        return self.font_height + 4

    @property
    def cell_height(self) -> int:
        return self.font_height + 8

    @property
    def strip_height(self) -> int:
        return self.font_height + 3

    @property
    def across(self) -> int:
        """Heads beside each other."""
        return min(self.heads, MOST_ACROSS) if self.has_strips else self.heads

    @property
    def lines(self) -> int:
        """Rows of cells of a layer."""
        return math.ceil(self.heads / self.across)

    @property
    def height(self) -> int:
        if not self.has_strips:
            return self.header_height + self.layers * self.cell_height + 2
        return self.layers * self.strip_height + (0 if self.opened is None else self._opened_height) + 2

    @property
    def _opened_height(self) -> int:
        return self.lines * (self.header_height + self.cell_height) + 4

    def strip(self, layer: int) -> QRectF:
        """A layer's strip."""
        below = self.opened is not None and layer > self.opened
        top = layer * self.strip_height + (self._opened_height if below else 0)
        return QRectF(self.label_width, top, self.width - self.label_width - 4, self.strip_height - 2)

    def is_shown(self, layer: int) -> bool:
        """Whether the layer's heads are shown."""
        return not self.has_strips or layer == self.opened

    def cell(self, layer: int, head: int) -> QRectF:
        """A head's cell; of a layer whose heads aren't shown, its strip."""
        if not self.is_shown(layer):
            return self.strip(layer)
        wide = (self.width - self.label_width - 2) / self.across
        line, column = divmod(head, self.across)
        if self.has_strips:
            top = self.strip(layer).bottom() + 4 + line * (self.header_height + self.cell_height) + self.header_height
        else:
            top = self.header_height + layer * self.cell_height
        return QRectF(self.label_width + column * wide, top, wide - 2, self.cell_height - 2)

    def number(self, layer: int, head: int) -> QRectF | None:
        """Where a head's number is written above its cell; None where the one above serves."""
        if not self.is_shown(layer) or (layer and not self.has_strips):
            return None
        cell = self.cell(layer, head)
        return QRectF(cell.x(), cell.y() - self.header_height, cell.width(), self.header_height - 2)

    def head_at(self, point: QPointF) -> HeadIndex | None:
        """The head whose cell, with the gap after it, lies at a point."""
        layers = range(self.layers) if not self.has_strips else () if self.opened is None else (self.opened,)
        for layer in layers:
            for head in range(self.heads):
                if self.cell(layer, head).adjusted(0, 0, 2, 2).contains(point):
                    return layer, head
        return None

    def strip_at(self, point: QPointF) -> int | None:
        """The layer whose strip, its name included, lies at a point."""
        if not self.has_strips:
            return None
        strips = ((layer, self.strip(layer)) for layer in range(self.layers))
        return next((layer for layer, strip in strips if strip.top() <= point.y() < strip.bottom() + 2), None)
