"""Photos to begin with: samples that come with the program, and those that were opened before."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from spinvlm_desktop.image.thumbnail import read_small
from spinvlm_desktop.system.background import Background
from spinvlm_desktop.widgets.controls import tool_button
from spinvlm_desktop.widgets.labels import plain_tip, shortened
from spinvlm_desktop.widgets.layouts import column_of, row_of

SIDE = 76
MOST_RECENT = 3
LONGEST_NAME = 11


def sample_photos() -> list[Path]:
    """Drawn for this program, so that anybody may have them."""
    return sorted(Path(str(resources.files("resources").joinpath("samples"))).glob("*.jpg"))


class StartPhotos(QWidget):
    """Thumbnails are read in the background, once they are seen."""

    chosen = Signal(object)
    """Path"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._unread: list[tuple[QToolButton, Path]] = []
        self._rows = row_of(self._group("Sample photos", sample_photos()), parent=self, margins=(), spacing=20)
        self._recent: QWidget | None = None

    def set_recent(self, recent: Sequence[Path]) -> None:
        """Photos opened before, newest first."""
        self._background.forget()
        if self._recent is not None:
            self._unread = [(button, path) for button, path in self._unread if not self._recent.isAncestorOf(button)]
            self._rows.removeWidget(self._recent)
            self._recent.hide()
            self._recent.deleteLater()
        self._recent = self._group("Opened before", recent[:MOST_RECENT]) if recent else None
        if self._recent is not None:
            self._rows.addWidget(self._recent)
        if self.isVisible():
            self._read_next()

    def _group(self, title: str, photos: Sequence[Path]) -> QWidget:
        group, row = QWidget(), row_of(spacing=4)
        label = QLabel(title)
        label.setProperty("muted", True)
        column_of(label, row, parent=group, margins=(), spacing=4)
        for path in photos:
            button = tool_button(shortened(path.stem, LONGEST_NAME), f"Open {path.name}", partial(self.chosen.emit, path))
            button.setToolTip(plain_tip(f"Open {path.name}"))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(SIDE, SIDE * 3 // 4))
            row.addWidget(button)
            self._unread.append((button, path))
        row.addStretch(1)
        return group

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._read_next)

    def _read_next(self) -> None:
        self._background.forget()
        if not self._unread:
            return
        button, path = self._unread[0]
        ratio = self.devicePixelRatioF()

        def on_read(image: QImage) -> None:
            button.setIcon(QIcon(QPixmap.fromImage(image)))
            self._go_on(button)

        self._background.do(lambda: read_small(path, SIDE, ratio=ratio), on_read, lambda _sentence: self._go_on(button))

    def _go_on(self, button: QToolButton) -> None:
        self._unread = [(other, path) for other, path in self._unread if other is not button]
        self._read_next()
