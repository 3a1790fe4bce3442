"""A splitter whose dividers go back to where they usually are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QByteArray, QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from spinvlm_desktop.widgets.theme import colours

HANDLE = 10
GRIP, GRIP_WIDTH = 36, 3
UsualSizes = Callable[[int], Sequence[int]]
"""Pixels of each part, given those of all together."""


class ResettingSplitter(QSplitter):
    """Dividers keep to their usual place until one is dragged; a double click puts it back."""

    def __init__(self, orientation: Qt.Orientation, usual: UsualSizes, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self._usual = usual
        self.is_dragged = False
        """Whether the user has put the dividers elsewhere."""
        self.splitterMoved.connect(lambda *_: setattr(self, "is_dragged", True))
        self.setHandleWidth(HANDLE)
        self.setChildrenCollapsible(False)

    def set_usual(self, usual: UsualSizes) -> None:
        """Where the dividers usually are, from now on."""
        self._usual = usual

    def reset(self) -> None:
        """Put the dividers where they usually are."""
        self.is_dragged = False
        size = self.width() if self.orientation() == Qt.Orientation.Horizontal else self.height()
        self.setSizes(list(self._usual(size)))

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview, /) -> bool:
        """Where the user had dragged them to."""
        self.is_dragged = super().restoreState(state)
        return self.is_dragged

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.is_dragged:
            self.reset()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and not self.is_dragged:
            self.reset()

    def createHandle(self) -> QSplitterHandle:
        return _Handle(self.orientation(), self)


class _Handle(QSplitterHandle):
    """With a short line in its middle, so that one sees that it can be dragged."""

    def __init__(self, orientation: Qt.Orientation, parent: ResettingSplitter) -> None:
        super().__init__(orientation, parent)
        self._splitter = parent
        self.setToolTip("Drag to resize; a double click resets")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._splitter.reset()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours().border))
        lies_down = self.orientation() == Qt.Orientation.Vertical
        grip = QRectF(0, 0, GRIP, GRIP_WIDTH) if lies_down else QRectF(0, 0, GRIP_WIDTH, GRIP)
        grip.moveCenter(QRectF(self.rect()).center())
        painter.drawRoundedRect(grip, GRIP_WIDTH / 2, GRIP_WIDTH / 2)
