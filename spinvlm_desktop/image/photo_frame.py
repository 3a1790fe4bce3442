"""Where a photo lies in a widget: whole, or enlarged and moved."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt

LARGEST_ZOOM = 16.0
MARGIN = 8


class PhotoFrame:
    """All positions and sizes are in the widget's pixels."""

    def __init__(self, room: Callable[[], QRect]) -> None:
        """room: the widget's as it is at any time."""
        self._room, self._photo = room, QSize()
        self._zoom, self._shift = 1.0, QPointF()

    @property
    def is_enlarged(self) -> bool:
        """Whether less than the whole photo may be in sight."""
        return self._zoom > 1

    @property
    def rect(self) -> QRectF:
        """Empty without a photo."""
        if self._photo.isEmpty():
            return QRectF()
        space = QRectF(self._room()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        size = QSizeF(self._photo).scaled(space.size(), Qt.AspectRatioMode.KeepAspectRatio) * self._zoom
        centre = space.center() + self._shift
        return QRectF(centre - QPointF(size.width(), size.height()) / 2, size)

    def set_photo(self, size: QSize) -> None:
        """Another photo, shown whole; an empty size is none."""
        self._photo = size
        self.reset()

    def reset(self) -> None:
        """The whole photo."""
        self._zoom, self._shift = 1.0, QPointF()

    def zoom(self, factor: float, *, at: QPointF | None) -> None:
        """Enlarge by a factor; what lies at this point stays there."""
        new = min(LARGEST_ZOOM, max(1.0, self._zoom * factor))
        if new == 1.0:
            self.reset()
            return
        centre = self.rect.center()
        self._shift += (centre - (centre if at is None else at)) * (new / self._zoom - 1)
        self._zoom = new
        self.keep_in_sight()

    def pan(self, step: QPointF) -> None:
        """Move an enlarged photo."""
        if self.is_enlarged:
            self._shift += step
            self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """No edge of an enlarged photo lies inside the room, which may be another one than before."""
        rect, room = self.rect, self._room()
        x, y = max(0.0, (rect.width() - room.width()) / 2), max(0.0, (rect.height() - room.height()) / 2)
        self._shift = QPointF(min(x, max(-x, self._shift.x())), min(y, max(-y, self._shift.y())))
