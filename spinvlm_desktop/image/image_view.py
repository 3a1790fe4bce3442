"""Shows a whole photo with a heat map over it; zoom, pan, and a click that chooses a patch."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.photo_layout import Box, PlaceGrid
from spinvlm_desktop.image.empty_photo import paint_empty_photo
from spinvlm_desktop.image.heat_layer import HeatLayer
from spinvlm_desktop.image.opened_image import OpenedImage
from spinvlm_desktop.image.photo_frame import PhotoFrame
from spinvlm_desktop.image.place_marks import Place, neighbour, paint_place, place_at
from spinvlm_desktop.image.view_overlays import ViewOverlays
from spinvlm_desktop.widgets.theme import colours

ZOOM_STEP = 1.25
PAN_STEP = 40
ZOOM_TIP = "Wheel or + and - zoom, drag pans, a double click shows the whole photo"
PATCH_TIP = "a click or an arrow key on the whole photo chooses a place and colours the answer's words by their attention to it"
PAN_DIRECTIONS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class ImageView(QWidget):
    """Its places are where the parts of the photo lie that the model tells apart."""

    patch_clicked = Signal(int, int)
    photo_clicked = Signal()
    """While clicks choose no patches."""
    zoomed_changed = Signal(bool)
    """Whether less than the whole photo is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: OpenedImage | None = None
        self._scaled: QImage | None = None
        self._heat = HeatLayer()
        self._patch: Place | None = None
        self._places = PlaceGrid.even(14, 14)
        self._frame = PhotoFrame(self.rect)
        self._pressed: QPointF | None = None
        self._moved = False
        self.drop_wanted = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 180)
        self.setAccessibleName("Photo")
        self.overlays = ViewOverlays(self)
        self.set_choosing_patches(True)

    def set_choosing_patches(self, choosing: bool) -> None:
        """Whether a click or an arrow key on the whole photo chooses a patch."""
        self._choosing = choosing
        if not choosing:
            self.set_patch(None)
        self.setToolTip(f"{ZOOM_TIP}; {PATCH_TIP}" if choosing else ZOOM_TIP)

    # -- what is shown

    def set_image(self, image: OpenedImage | None) -> None:
        self._image, self._scaled, self._heat.image, self._patch = image, None, None, None
        self._frame.set_photo(QSize() if image is None else image.pixels.size())
        self.overlays.show_photo(image is not None)
        self._describe()
        self.reset_zoom()

    def set_heat_map(self, image: QImage | None, *, opacity: float, smooth: bool) -> None:
        """image: one pixel a patch."""
        self._heat.image, self._heat.opacity, self._heat.smooth = image, opacity, smooth
        self.update()

    def set_patch(self, patch: Place | None) -> None:
        """Outline a patch, (row, column)."""
        self._patch = patch
        self._describe()
        self.update()

    def set_places(self, places: PlaceGrid, unseen: Sequence[Box] = ()) -> None:
        """The places that can be chosen, and what the model never saw, which is hatched below a map.

        A place of another grid would lie elsewhere, so none stays outlined.
        """
        self._heat.unseen = unseen
        if places != self._places:
            self._places = places
            self.set_patch(None)

    def _describe(self) -> None:
        """Tell in words what is shown."""
        text = "No photo" if self._image is None else self._image.name
        if self._patch is not None:
            row, column = self._patch
            text += f", place in row {row + 1} of {self._places.rows}, column {column + 1} of {self._places.columns}"
        self.setAccessibleDescription(text)

    def set_drop_wanted(self, wanted: bool) -> None:
        """Whether something that could be dropped hovers above."""
        self.drop_wanted = wanted
        self.update()

    def picture_rect(self) -> QRectF:
        """Where the photo lies, in the widget's pixels."""
        return self._frame.rect

    def render_picture(self) -> QImage:
        """Photo and heat map in the photo's own pixels."""
        assert self._image is not None
        picture = self._image.pixels.convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(picture)
        self._heat.paint(painter, QRectF(picture.rect()))
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
            paint_empty_photo(painter, QRectF(self.rect()), font=self.font(), below=self.overlays.start_height())
        else:
            rect = self.picture_rect()
            painter.drawImage(rect, self._pixels_for(self._image.pixels, rect))
            self._heat.paint(painter, rect)
            if self._patch is not None:
                paint_place(painter, self._patch, rect, self._places)
        if self.drop_wanted:
            wash = QColor(chosen.accent)
            wash.setAlpha(70)
            painter.fillRect(self.rect(), wash)

    def _pixels_for(self, pixels: QImage, rect: QRectF) -> QImage:
        """The photo in the screen's own pixels where it is drawn smaller: the painter alone would leave jagged edges."""
        size = (rect.size() * self.devicePixelRatioF()).toSize().expandedTo(QSize(1, 1))
        if size.width() >= pixels.width():
            return pixels
        if self._scaled is None or self._scaled.size() != size:
            self._scaled = pixels.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        return self._scaled

    # -- zoom, pan, click

    def reset_zoom(self) -> None:
        """Show the whole photo."""
        self._frame.reset()
        self._show_zoom()

    def zoom(self, factor: float, *, at: QPointF | None = None) -> None:
        """Zoom by a factor; what lies at this point of the widget stays there."""
        if self._image is None:
            return
        self._frame.zoom(factor, at=at)
        self._show_zoom()

    def _show_zoom(self) -> None:
        enlarged = self._frame.is_enlarged
        self.setCursor(Qt.CursorShape.OpenHandCursor) if enlarged else self.unsetCursor()
        self.update()
        self.zoomed_changed.emit(enlarged)

    def _pan(self, step: QPointF) -> None:
        self._frame.pan(step)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120), at=event.position())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._frame.keep_in_sight()
        self.overlays.place()
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(max(0.1, 1 + event.value()), at=event.position())
            return True
        return super().event(event)

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
        clicked = self._pressed is not None and not self._moved
        self._pressed = None
        patch = place_at(event.position(), self.picture_rect(), self._places)
        if clicked and not self._choosing:
            self.photo_clicked.emit()
        elif clicked and patch is not None:
            self._choose_patch(patch)

    def _choose_patch(self, patch: Place) -> None:
        self.set_patch(patch)
        self.patch_clicked.emit(*patch)

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
        elif key in PAN_DIRECTIONS and self._image is not None:
            x, y = PAN_DIRECTIONS[Qt.Key(key)]
            if self._frame.is_enlarged:
                self._pan(QPointF(x, y) * PAN_STEP)
            elif self._choosing:
                self._choose_patch(neighbour(self._patch, self._places, rows=-y, columns=-x))
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
