"""Layers x heads: how much each head looks at the photo, which ones are suppressed, which are off by hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.answers import FloatArray, HeadIndex
from spinvlm_desktop.attention.colour_map import colour_of, text_on
from spinvlm_desktop.widgets.theme import colours

STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class HeadGrid(QWidget):
    """All cells share one scale, 0 to 100 % of a head's attention on the photo. Layers and heads are counted from 1."""

    head_chosen = Signal(object)
    """(layer, head)"""
    ablation_toggled = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mass: FloatArray | None = None
        self._gate: FloatArray | None = None
        self._ablated: frozenset[HeadIndex] = frozenset()
        self._selected: tuple[int, int | None] | None = None
        self._cursor: HeadIndex = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Heads by layer; arrows move, Enter shows a head's map, Space switches it off")

    def set_grid(self, mass: FloatArray | None, gate: FloatArray | None) -> None:
        """mass, gate: [L, H] of a word."""
        changed = (mass is None) != (self._mass is None) or (
            mass is not None and self._mass is not None and mass.shape != self._mass.shape
        )
        self._mass, self._gate = mass, gate
        if changed:
            self._cursor = (0, 0)
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
        self.update()

    @property
    def _label_width(self) -> int:
        return self.fontMetrics().horizontalAdvance(f"Layer {1 if self._mass is None else self._mass.shape[0]}") + 8

    @property
    def _label_height(self) -> int:
        return self.fontMetrics().height() + 4

    @property
    def _cell_height(self) -> int:
        return self.fontMetrics().height() + 8

    def sizeHint(self) -> QSize:
        layers = 4 if self._mass is None else self._mass.shape[0]
        return QSize(300, self._label_height + layers * self._cell_height + 2)

    def minimumSizeHint(self) -> QSize:
        heads = 8 if self._mass is None else self._mass.shape[1]
        cells = heads * (self.fontMetrics().horizontalAdvance("100") + 2)
        return QSize(self._label_width + cells + 2, self.sizeHint().height())

    def cell_rect(self, layer: int, head: int) -> QRectF:
        """Where a head's cell lies."""
        heads = 1 if self._mass is None else self._mass.shape[1]
        width = (self.width() - self._label_width - 2) / heads
        top = self._label_height + layer * self._cell_height
        return QRectF(self._label_width + head * width, top, width - 2, self._cell_height - 2)

    def _head_at(self, place: QPoint) -> HeadIndex | None:
        if self._mass is None:
            return None
        layers, heads = self._mass.shape
        column = int((place.x() - self._label_width) // ((self.width() - self._label_width - 2) / heads))
        row = int((place.y() - self._label_height) // self._cell_height)
        return (row, column) if 0 <= row < layers and 0 <= column < heads else None

    def describe(self, layer: int, head: int) -> str:
        """A cell in words."""
        if self._mass is None or self._gate is None:
            return ""
        text = f"Layer {layer + 1}, head {head + 1}: {self._mass[layer, head]:.0%} on the photo"
        gate = float(self._gate[layer, head])
        if (layer, head) in self._ablated:
            return text + (", to be switched off by hand" if gate > 0 else ", switched off by hand")
        return text + (", kept" if gate >= 1 else f", suppressed (× {gate:g})")

    def _describe(self) -> None:
        self.setAccessibleDescription(self.describe(*self._cursor))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._mass is None or self._gate is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = colours()
        layers, heads = self._mass.shape
        painter.setPen(QColor(chosen.muted))
        for head in range(heads):
            rect = self.cell_rect(0, head)
            place = QRectF(rect.x(), 0, rect.width(), self._label_height - 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(head + 1))
        for layer in range(layers):
            rect = self.cell_rect(layer, 0)
            painter.setPen(QColor(chosen.muted))
            painter.drawText(QRectF(0, rect.y(), self._label_width - 6, rect.height()),
                             Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"Layer {layer + 1}")
            for head in range(heads):
                self._paint_cell(painter, layer, head)

    def _paint_cell(self, painter: QPainter, layer: int, head: int) -> None:
        assert self._mass is not None
        assert self._gate is not None
        rect, value = self.cell_rect(layer, head), float(self._mass[layer, head])
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
        chosen = colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._selected in ((layer, head), (layer, None)):
            painter.setPen(QPen(QColor(chosen.text), 2.5))
            painter.drawRoundedRect(rect, 3, 3)
        if self.hasFocus() and self._cursor == (layer, head):
            painter.setPen(QPen(QColor(chosen.link), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 3, 3)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._head_at(event.pos())
            if found is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.describe(*found), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._head_at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self._cursor = found
        self._describe()
        self.update()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.ablation_toggled.emit(*found)
        else:
            self.head_chosen.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._mass is None:
            super().keyPressEvent(event)
        elif event.key() in STEPS:
            rows, columns = STEPS[Qt.Key(event.key())]
            layers, heads = self._mass.shape
            self._cursor = (min(layers - 1, max(0, self._cursor[0] + rows)), min(heads - 1, max(0, self._cursor[1] + columns)))
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.head_chosen.emit(self._cursor)
        elif event.key() == Qt.Key.Key_Space:
            self.ablation_toggled.emit(*self._cursor)
        else:
            super().keyPressEvent(event)
