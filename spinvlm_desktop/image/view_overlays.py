"""Widgets that lie over a photo or in its place: a switch and a caption in the corners, what to begin with."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtWidgets import QLabel, QWidget

ROOM_ABOVE = 190
"""Pixels of height that the invitation to drop a photo needs above what to begin with."""
CORNER = 14
"""Pixels between the edge and what lies in a corner."""


class ViewOverlays(QObject):
    """Places the widgets of a view, and again whenever one of them needs another size."""

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self._has_photo = False
        self._corner: QWidget | None = None
        self._start: QWidget | None = None
        self._caption = QLabel(view)
        self._caption.setObjectName("caption")
        self._caption.setTextFormat(Qt.TextFormat.PlainText)
        self._caption.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._caption.hide()

    def set_corner(self, widget: QWidget) -> None:
        """A widget in the lower right corner, shown with a photo."""
        self._adopt(widget)
        widget.setVisible(self._has_photo)
        self._corner = widget

    def set_start(self, widget: QWidget) -> None:
        """What to begin with, below the invitation to drop a photo, where there is room for it."""
        self._adopt(widget)
        self._start = widget
        self._place_start()

    def set_caption(self, text: str) -> None:
        """A line in the lower left corner, or the upper one; an empty one hides it."""
        self._caption.setText(text)
        self._caption.setVisible(bool(text))
        self._place_corners()

    def show_photo(self, there: bool) -> None:
        """Whether there is one."""
        self._has_photo = there
        if self._corner is not None:
            self._corner.setVisible(there)
        self._place_start()

    def start_height(self) -> int:
        """Of what to begin with, while it is on show."""
        return self._start.height() if self._start is not None and self._start.isVisible() else 0

    def place(self) -> None:
        """For the view's size as it is now."""
        self._place_corners()
        self._place_start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.place()
        return super().eventFilter(watched, event)

    def _adopt(self, widget: QWidget) -> None:
        widget.setParent(self._view)
        widget.installEventFilter(self)

    def _place_start(self) -> None:
        if self._start is None:
            return
        space, size = self._view.size(), self._start.sizeHint()
        room = space.width() >= size.width() + 4 * CORNER and space.height() >= size.height() + ROOM_ABOVE
        self._start.setVisible(not self._has_photo and room)
        left, top = (space.width() - size.width()) // 2, space.height() - size.height() - 3 * CORNER
        self._start.setGeometry(QRect(left, top, size.width(), size.height()))
        self._view.update()

    def _place_corners(self) -> None:
        width, height = self._view.width(), self._view.height()
        room = width - 2 * CORNER
        if self._corner is not None:
            size = self._corner.sizeHint()
            self._corner.setGeometry(width - CORNER - size.width(), height - CORNER - size.height(), size.width(), size.height())
            room -= size.width() + CORNER
        size = self._caption.sizeHint()
        # Where there is no room beside the switch it lies in the upper corner, whole.
        top = height - CORNER - size.height() if size.width() <= room else CORNER
        self._caption.setGeometry(CORNER, top, min(width - 2 * CORNER, size.width()), size.height())
