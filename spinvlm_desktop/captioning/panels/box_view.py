"""The photo that is captioned, with boxes around what is named; they are drawn by mouse, and moved by keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from spinvlm_desktop.image.image_view import ImageView
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.widgets.theme import colours
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject

TIP = (
    "Drag to draw a box around something. A chosen box is moved with the arrow keys, made larger or smaller with Shift and the "
    "arrow keys, and deleted with Delete. The wheel, + and - zoom; 0 shows the whole photo"
)
SMALLEST = 0.01
"""Of the photo's side."""
STEP = 0.01
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
MIDDLE = Box(0.3, 0.3, 0.7, 0.7)


class BoxView(ImageView):
    """Holds no notes: emits what was drawn, and shows what it is given."""

    box_drawn = Signal(object)
    """Box"""
    box_chosen = Signal(int)
    box_changed = Signal(int, object)
    """Number of a box, and where it is to be"""
    delete_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._objects: Sequence[MarkedObject] = ()
        self._chosen = -1
        self._open: Box | None = None
        """Drawn, but not named yet."""
        self._from: QPointF | None = None
        self._has_photo = False
        self._sentence = ""
        self.set_choosing_patches(False)
        self.setToolTip(TIP)
        self.setAccessibleName("Photo to describe")

    def show_photo(self, image: OpenedImage | None, sentence: str = "") -> None:
        """sentence: in place of a photo."""
        self._has_photo, self._sentence, self._open, self._from = image is not None, sentence, None, None
        self.set_image(image)

    def show_boxes(self, objects: Sequence[MarkedObject], chosen: int = -1) -> None:
        self._objects, self._chosen = objects, chosen if chosen < len(objects) else -1
        self._tell()
        self.update()

    def show_open_box(self, box: Box | None) -> None:
        """One that is to be named."""
        self._open = box
        self.update()

    @property
    def open_box(self) -> Box | None:
        return self._open

    def _tell(self) -> None:
        named = ", ".join(thing.name for thing in self._objects)
        chosen = f"; chosen: {self._objects[self._chosen].name}" if self._chosen >= 0 else ""
        self.setAccessibleDescription(f"Marked: {named}{chosen}" if named else "Nothing is marked")

    # -- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._has_photo:
            self._paint_sentence()
            return
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, thing in enumerate(self._objects):
            if thing.box is not None:
                self._paint_box(painter, thing.box, thing.name, chosen=number == self._chosen)
        if self._open is not None:
            self._paint_box(painter, self._open, "", chosen=True)

    def _paint_sentence(self) -> None:
        painter, chosen = QPainter(self), colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(chosen.border), 1))
        painter.setBrush(QColor(chosen.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        painter.setPen(QColor(chosen.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.rect()).adjusted(24, 24, -24, -24), flags, self._sentence)

    def _paint_box(self, painter: QPainter, box: Box, name: str, *, chosen: bool) -> None:
        rect, mark = self._on_screen(box), colours()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Two lines, so that the box is seen on every photo.
        for colour, width in (("#000000", 4 if chosen else 3), (mark.weak if chosen else "#ffffff", 2 if chosen else 1)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawRect(rect)
        if name:
            metrics = painter.fontMetrics()
            label = QRectF(rect.left(), rect.top(), metrics.horizontalAdvance(name) + 10, metrics.height() + 2)
            painter.fillRect(label, QColor(0, 0, 0, 190))
            painter.setPen(QColor("#ffffff"))
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)

    def _on_screen(self, box: Box) -> QRectF:
        photo = self.picture_rect()
        corner = QPointF(photo.x() + box.left * photo.width(), photo.y() + box.top * photo.height())
        return QRectF(corner, QPointF(photo.x() + box.right * photo.width(), photo.y() + box.bottom * photo.height()))

    def _in_photo(self, point: QPointF) -> QPointF:
        """In parts of the photo, within it."""
        photo = self.picture_rect()
        x, y = (point.x() - photo.x()) / photo.width(), (point.y() - photo.y()) / photo.height()
        return QPointF(min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))

    # -- mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._has_photo:
            self._from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None and (event.position() - self._from).manhattanLength() > 4:
            self.show_open_box(self._between(self._from, event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        begun, self._from = self._from, None
        if begun is None:
            return
        if (event.position() - begun).manhattanLength() > 4:
            box = self._between(begun, event.position())
            self.show_open_box(box)
            if box is not None:
                self.box_drawn.emit(box)
            return
        inside = [
            number for number, thing in enumerate(self._objects)
            if thing.box is not None and self._on_screen(thing.box).contains(event.position())
        ]
        # Of boxes in one another the smallest is meant.
        self.box_chosen.emit(min(inside, key=lambda number: _area(self._objects[number].box), default=-1))

    def _between(self, begin: QPointF, end: QPointF) -> Box | None:
        """None where it is too small to hold anything."""
        a, b = self._in_photo(begin), self._in_photo(end)
        box = Box(min(a.x(), b.x()), min(a.y(), b.y()), max(a.x(), b.x()), max(a.y(), b.y()))
        return box if box.right - box.left >= SMALLEST and box.bottom - box.top >= SMALLEST else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        box = self._objects[self._chosen].box if self._chosen >= 0 else None
        if self._chosen >= 0 and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit(self._chosen)
        elif box is not None and key in ARROWS:
            x, y = (STEP * step for step in ARROWS[key])
            sizes = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.box_changed.emit(self._chosen, _resized(box, x, y) if sizes else _moved(box, x, y))
        else:
            super().keyPressEvent(event)


def _moved(box: Box, x: float, y: float) -> Box:
    x, y = min(1 - box.right, max(-box.left, x)), min(1 - box.bottom, max(-box.top, y))
    return Box(box.left + x, box.top + y, box.right + x, box.bottom + y)


def _resized(box: Box, x: float, y: float) -> Box:
    right, bottom = min(1.0, max(box.left + SMALLEST, box.right + x)), min(1.0, max(box.top + SMALLEST, box.bottom + y))
    return Box(box.left, box.top, right, bottom)


def _area(box: Box | None) -> float:
    return 0.0 if box is None else (box.right - box.left) * (box.bottom - box.top)
