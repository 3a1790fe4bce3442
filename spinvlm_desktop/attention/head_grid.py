"""Layers x heads: how much each head looks at the photo, which ones are suppressed, which are off by hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.answers import FloatArray, HeadIndex
from spinvlm_desktop.attention.colour_map import colour_of, text_on
from spinvlm_desktop.attention.grid_places import GridPlaces
from spinvlm_desktop.widgets.theme import colours

STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
NAME = "Heads by layer; arrows move, Enter shows a head's map, Space switches it off"
STRIPS_NAME = "Layers; up and down move, Enter opens one, right leads to its heads: Enter shows a map, Space switches off"


class HeadGrid(QWidget):
    """All cells share one scale, 0 to 100 % of a head's attention on the photo. Layers and heads are counted from 1.

    Of a model with many layers each is a strip with the mean of its heads, and one at a time is opened.
    """

    head_chosen = Signal(object)
    """(layer, head)"""
    ablation_toggled = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mass: FloatArray | None = None
        self._gate: FloatArray | None = None
        self._ablated: frozenset[HeadIndex] = frozenset()
        self._selected: tuple[int, int | None] | None = None
        self._opened: int | None = None
        self._cursor: tuple[int, int | None] = (0, 0)
        """Layer and head; None is the layer's strip."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(NAME)

    def set_grid(self, mass: FloatArray | None, gate: FloatArray | None) -> None:
        """mass, gate: [L, H] of a word."""
        changed = (mass is None) != (self._mass is None) or (
            mass is not None and self._mass is not None and mass.shape != self._mass.shape
        )
        self._mass, self._gate = mass, gate
        if changed:
            self._opened = None
            self._cursor = (0, None if self._places().has_strips else 0)
            self.setAccessibleName(STRIPS_NAME if self._places().has_strips else NAME)
            self.updateGeometry()
        self._describe()
        self.update()

    def set_ablated(self, ablated: frozenset[HeadIndex]) -> None:
        """Heads that are off by hand."""
        self._ablated = ablated
        self._describe()
        self.update()

    def set_selected(self, selected: tuple[int, int | None] | None) -> None:
        """The (layer, head) whose map is on show; head None marks the layer."""
        self._selected = selected
        if selected is not None and selected[1] is not None and not self._places().is_shown(selected[0]):
            self.open_layer(selected[0])
        self.update()

    def open_layer(self, layer: int | None) -> None:
        """Show the heads of this layer, and of no other, where layers are strips."""
        self._opened = layer
        self.updateGeometry()
        self.update()

    @property
    def opened(self) -> int | None:
        """The layer that was opened."""
        return self._opened

    def _places(self) -> GridPlaces:
        layers, heads = (4, 8) if self._mass is None else self._mass.shape
        metrics = self.fontMetrics()
        return GridPlaces(
            layers, heads, self.width(), metrics.height(), metrics.horizontalAdvance(f"Layer {layers}") + 8, self._opened
        )

    def sizeHint(self) -> QSize:
        return QSize(300, self._places().height)

    def minimumSizeHint(self) -> QSize:
        places = self._places()
        cells = places.across * (self.fontMetrics().horizontalAdvance("100") + 2)
        return QSize(places.label_width + min(cells, 300) + 2, places.height)

    def cell_rect(self, layer: int, head: int) -> QRectF:
        """Where a head's cell lies; of a layer whose heads aren't shown, its strip."""
        return self._places().cell(layer, head)

    def describe(self, layer: int, head: int | None) -> str:
        """A cell, or a layer's strip, in words."""
        if self._mass is None or self._gate is None:
            return ""
        if head is None:
            return f"Layer {layer + 1}: {self._in_short(layer)}{', open' if layer == self._opened else ''}"
        text = f"Layer {layer + 1}, head {head + 1}: {self._mass[layer, head]:.0%} on the photo"
        gate = float(self._gate[layer, head])
        if (layer, head) in self._ablated:
            return text + (", to be switched off by hand" if gate > 0 else ", switched off by hand")
        return text + (", kept" if gate >= 1 else f", suppressed (× {gate:g})")

    def _in_short(self, layer: int) -> str:
        """`12% on average · 3 suppressed · 1 off by hand`."""
        assert self._mass is not None
        assert self._gate is not None
        by_hand = sum(row == layer for row, _ in self._ablated)
        suppressed = int((self._gate[layer] < 1).sum())
        parts = [f"{self._mass[layer].mean():.0%} on average"]
        parts += [f"{suppressed} suppressed"] if suppressed else []
        return " · ".join([*parts, *([f"{by_hand} off by hand"] if by_hand else [])])

    def _describe(self) -> None:
        self.setAccessibleDescription(self.describe(*self._cursor))

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._mass is None or self._gate is None:
            return
        painter, places = QPainter(self), self._places()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer in range(places.layers):
            row = places.strip(layer) if places.has_strips else places.cell(layer, 0)
            painter.setPen(QColor(colours().muted))
            painter.drawText(QRectF(0, row.y(), places.label_width - 6, row.height()),
                             Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"Layer {layer + 1}")
            if places.has_strips:
                self._paint_strip(painter, layer, row)
            if places.is_shown(layer):
                for head in range(places.heads):
                    self._paint_number(painter, places.number(layer, head), head)
                    self._paint_cell(painter, layer, head, places.cell(layer, head))

    def _paint_number(self, painter: QPainter, place: QRectF | None, head: int) -> None:
        if place is not None:
            painter.setPen(QColor(colours().muted))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(head + 1))

    def _paint_strip(self, painter: QPainter, layer: int, rect: QRectF) -> None:
        assert self._mass is not None
        colour = colour_of(float(self._mass[layer].mean()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, 3, 3)
        painter.setPen(text_on(colour))
        painter.drawText(rect.adjusted(6, 0, -4, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
                         self._in_short(layer))
        painter.drawText(rect.adjusted(6, 0, -6, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         "▾" if layer == self._opened else "▸")
        self._paint_marks(painter, rect, selected=self._selected == (layer, None), cursor=self._cursor == (layer, None))

    def _paint_cell(self, painter: QPainter, layer: int, head: int, rect: QRectF) -> None:
        assert self._mass is not None
        assert self._gate is not None
        value = float(self._mass[layer, head])
        colour = colour_of(value)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, 3, 3)
        ink = text_on(colour)
        if self._gate[layer, head] < 1:
            painter.setBrush(QBrush(ink, Qt.BrushStyle.BDiagPattern))
            painter.drawRoundedRect(rect, 3, 3)
        elif rect.width() > 24:
            painter.setPen(ink)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{value * 100:.0f}")
        if (layer, head) in self._ablated:
            painter.setPen(QPen(ink, 2.5))
            painter.drawLine(rect.topLeft(), rect.bottomRight())
            painter.drawLine(rect.bottomLeft(), rect.topRight())
        selected = self._selected in ((layer, head), *([] if self._places().has_strips else [(layer, None)]))
        self._paint_marks(painter, rect, selected=selected, cursor=self._cursor == (layer, head))

    def _paint_marks(self, painter: QPainter, rect: QRectF, *, selected: bool, cursor: bool) -> None:
        chosen = colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if selected:
            painter.setPen(QPen(QColor(chosen.text), 2.5))
            painter.drawRoundedRect(rect, 3, 3)
        if cursor and self.hasFocus():
            painter.setPen(QPen(QColor(chosen.link), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 3, 3)

    # -- pointer and keys

    def _at(self, point: QPointF) -> tuple[int, int | None] | None:
        """The head, or the layer's strip, at a point."""
        if self._mass is None:
            return None
        places = self._places()
        head = places.head_at(point)
        strip = places.strip_at(point)
        return head if head is not None else None if strip is None else (strip, None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe(*found), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._move_to(*found)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._toggle_ablation()
        else:
            self._choose()

    def _move_to(self, layer: int, head: int | None) -> None:
        self._cursor = layer, head
        self._describe()
        self.update()

    def _choose(self) -> None:
        """The head's map, or the strip opened or closed."""
        layer, head = self._cursor
        if head is None:
            self.open_layer(None if self._opened == layer else layer)
            self._describe()
        else:
            self.head_chosen.emit((layer, head))

    def _toggle_ablation(self) -> None:
        layer, head = self._cursor
        if head is not None:
            self.ablation_toggled.emit(layer, head)

    def _step(self, rows: int, columns: int) -> None:
        assert self._mass is not None
        layers, heads = self._mass.shape
        layer, head = self._cursor
        if not self._places().has_strips:
            assert head is not None
            self._move_to(min(layers - 1, max(0, layer + rows)), min(heads - 1, max(0, head + columns)))
        elif rows:
            self._move_to(min(layers - 1, max(0, layer + rows)), None)
        else:
            if self._opened != layer and columns > 0:
                self.open_layer(layer)
            later = (-1 if head is None else head) + columns
            self._move_to(layer, None if later < 0 else min(heads - 1, later))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._mass is None:
            super().keyPressEvent(event)
        elif event.key() in STEPS:
            self._step(*STEPS[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif event.key() == Qt.Key.Key_Space:
            self._toggle_ablation()
        else:
            super().keyPressEvent(event)
