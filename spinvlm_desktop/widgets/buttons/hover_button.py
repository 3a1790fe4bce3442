"""A small button that keeps its place but is seen only where it is wanted: under the pointer, with the focus, or checked."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from spinvlm_desktop.widgets.drawn_icon import SIDE, paint_shape
from spinvlm_desktop.widgets.theme import colours

MARGIN = 5
"""Around the icon, in units of its side."""


class HoverButton(QToolButton):
    """Drawn by itself: a stylesheet can't hide what takes up room."""

    def __init__(self, shape: Callable[[QPainterPath], None], tip: str, slot: Callable[[], None]) -> None:
        super().__init__()
        self._shape = shape
        self._seen = False
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda _checked=False: slot())

    def set_seen(self, seen: bool) -> None:
        """Whether it is seen also without the focus."""
        self._seen = seen
        self.update()

    def is_seen(self) -> bool:
        return self._seen or self.hasFocus() or self.isChecked()

    def sizeHint(self) -> QSize:
        side = self.fontMetrics().height() + 2 * MARGIN
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_seen():
            return
        chosen, painter = colours(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(chosen.link), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(chosen.raised) if self.underMouse() or self.hasFocus() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, 5, 5)
        scale = (self.width() - 2 * MARGIN) / SIDE
        painter.translate(MARGIN, MARGIN)
        painter.scale(scale, scale)
        pointed = chosen.text if self.underMouse() or self.hasFocus() else chosen.muted
        paint_shape(painter, self._shape, QColor(chosen.link if self.isChecked() else pointed))


class HoverButtons(QObject):
    """Shows the buttons of a widget while the pointer is over it or the focus is within it."""

    def __init__(self, area: QWidget) -> None:
        super().__init__(area)
        self._area = area
        area.setAttribute(Qt.WidgetAttribute.WA_Hover)
        area.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)
        self._focus_within = False

    def refresh(self) -> None:
        """Also buttons that came later are as they are to be."""
        seen = self._focus_within or self._area.underMouse()
        for button in self._area.findChildren(HoverButton):
            button.set_seen(seen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.refresh()
        return super().eventFilter(watched, event)

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        within = now is not None and self._area.isAncestorOf(now)
        if within != self._focus_within:
            self._focus_within = within
            self.refresh()
