"""Shows a whole photo with a heat map over it; zoom, pan, and a click that tells the patch."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.theme import colours

LARGEST_ZOOM = 16.0
ZOOM_STEP = 1.25
MARGIN = 8
PAN_STEP = 40
PAN_DIRECTIONS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class ImageView(QWidget):
    """The model squashes the whole photo to a square, so patch (row, column) is that fraction of the photo on show."""

    patch_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: OpenedImage | None = None
        self._heat: QImage | None = None
        self._opacity, self._smooth = 0.0, False
        self._patch: tuple[int, int] | None = None
        self._grid_side = 14
        self._zoom, self._shift = 1.0, QPointF()
        self._pressed: QPointF | None = None
        self._moved = False
        self.drop_wanted = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAccessibleName("Photo")
        self.setToolTip("Wheel or + and - zoom, drag pans, a double click shows the whole photo; a click on the photo colours "
                        "the answer's words by their attention to that place")

    # -- what is shown

    def set_image(self, image: OpenedImage | None) -> None:
        self._image, self._heat, self._patch = image, None, None
        self.setAccessibleDescription("No photo" if image is None else image.name)
        self.reset_zoom()

    def set_heat_map(self, image: QImage | None, *, opacity: float, smooth: bool) -> None:
        """image: one pixel a patch."""
        self._heat, self._opacity, self._smooth = image, opacity, smooth
        self.update()

    def set_patch(self, patch: tuple[int, int] | None) -> None:
        """Outline a patch, (row, column)."""
        self._patch = patch
        self.update()

    def set_grid_side(self, side: int) -> None:
        self._grid_side = side

    def set_drop_wanted(self, wanted: bool) -> None:
        """Whether something that could be dropped hovers above."""
        self.drop_wanted = wanted
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the photo lies, in the widget's pixels."""
        if self._image is None:
            return QRectF()
        space = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        size = QSizeF(self._image.pixels.size()).scaled(space.size(), Qt.AspectRatioMode.KeepAspectRatio) * self._zoom
        centre = space.center() + self._shift
        return QRectF(centre - QPointF(size.width(), size.height()) / 2, size)

    def render_picture(self) -> QImage:
        """Photo and heat map in the photo's own pixels."""
        assert self._image is not None
        picture = self._image.pixels.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        self._paint_heat(painter, QRectF(picture.rect()))
        painter.end()
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        chosen = colours()
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(chosen.link if self.hasFocus() else chosen.border), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(chosen.surface))
        painter.drawRoundedRect(frame, 8, 8)
        painter.setClipRect(frame.adjusted(2, 2, -2, -2))
        if self._image is None:
            self._paint_empty(painter)
        else:
            rect = self.picture_rect()
            painter.drawImage(rect, self._image.pixels)
            self._paint_heat(painter, rect)
            self._paint_patch(painter, rect)
        if self.drop_wanted:
            wash = QColor(chosen.accent)
            wash.setAlpha(70)
            painter.fillRect(self.rect(), wash)

    def _paint_heat(self, painter: QPainter, rect: QRectF) -> None:
        if self._heat is None:
            return
        painter.save()
        painter.setOpacity(self._opacity)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        painter.drawImage(rect, self._heat)
        painter.restore()

    def _paint_patch(self, painter: QPainter, rect: QRectF) -> None:
        if self._patch is None:
            return
        row, column = self._patch
        width, height = rect.width() / self._grid_side, rect.height() / self._grid_side
        cell = QRectF(rect.x() + column * width, rect.y() + row * height, width, height)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, pen in (("#000000", 4), ("#ffffff", 2)):
            painter.setPen(QPen(QColor(colour), pen))
            painter.drawRect(cell)

    def _paint_empty(self, painter: QPainter) -> None:
        chosen = colours()
        box = QRectF(self.rect()).adjusted(18, 18, -18, -18)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(chosen.muted), 1.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(box, 10, 10)
        centre = box.center()
        glyph = QRectF(centre.x() - 34, centre.y() - 68, 68, 50)
        painter.setPen(QPen(QColor(chosen.muted), 2))
        painter.drawRoundedRect(glyph, 6, 6)
        painter.drawEllipse(QPointF(glyph.x() + 18, glyph.y() + 15), 5, 5)
        bottom, left = glyph.bottom() - 6, glyph.x()
        painter.drawPolyline([QPointF(left + 6, bottom), QPointF(left + 24, bottom - 18), QPointF(left + 36, bottom - 7),
                              QPointF(left + 48, bottom - 20), QPointF(left + 62, bottom)])
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(chosen.text))
        painter.drawText(QRectF(box.x(), centre.y(), box.width(), 30), Qt.AlignmentFlag.AlignCenter, "Drop a photo here")
        painter.setFont(self.font())
        painter.setPen(QColor(chosen.muted))
        painter.drawText(QRectF(box.x(), centre.y() + 30, box.width(), 24), Qt.AlignmentFlag.AlignCenter,
                         "or paste it (Ctrl+V), or open a file (Ctrl+O)")

    # -- zoom, pan, click

    def reset_zoom(self) -> None:
        """Show the whole photo."""
        self._zoom, self._shift = 1.0, QPointF()
        self.update()

    def zoom(self, factor: float, *, at: QPointF | None = None) -> None:
        """Zoom by a factor; what lies at this point of the widget stays there."""
        if self._image is None:
            return
        new = min(LARGEST_ZOOM, max(1.0, self._zoom * factor))
        if new == 1.0:
            self.reset_zoom()
            return
        before = self.picture_rect()
        point = before.center() if at is None else at
        self._shift += (before.center() - point) * (new / self._zoom - 1)
        self._zoom = new
        self._keep_in_sight()

    def _pan(self, step: QPointF) -> None:
        if self._zoom > 1:
            self._shift += step
            self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        rect = self.picture_rect()
        x, y = max(0.0, (rect.width() - self.width()) / 2), max(0.0, (rect.height() - self.height()) / 2)
        self._shift = QPointF(min(x, max(-x, self._shift.x())), min(y, max(-y, self._shift.y())))
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120), at=event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._moved = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        step = event.position() - self._pressed
        if self._moved or step.manhattanLength() > 4:
            self._moved = True
            self._pressed = event.position()
            self._pan(step)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        rect, clicked = self.picture_rect(), self._pressed is not None and not self._moved
        self._pressed = None
        if clicked and self._image is not None and rect.contains(event.position()):
            place = event.position() - rect.topLeft()
            column = min(self._grid_side - 1, int(place.x() / rect.width() * self._grid_side))
            row = min(self._grid_side - 1, int(place.y() / rect.height() * self._grid_side))
            self.set_patch((row, column))
            self.patch_clicked.emit(row, column)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_zoom()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.reset_zoom()
        elif key in PAN_DIRECTIONS and self._zoom > 1:
            x, y = PAN_DIRECTIONS[Qt.Key(key)]
            self._pan(QPointF(x, y) * PAN_STEP)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
