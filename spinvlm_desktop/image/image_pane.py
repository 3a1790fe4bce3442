"""The drop zone: the photo on show, those that wait, and the ways to open one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QIcon, QImage, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import ImageError
from core.image_input import IMAGE_SUFFIXES
from spinvlm_desktop.image.image_view import ImageView
from spinvlm_desktop.image.mime_images import can_read, read_mime
from spinvlm_desktop.image.opened_image import OpenedImage, open_image

MOST_RECENT = 10
THUMBNAIL = 56


def _button(text: str, tip: str, slot: Callable[[], None] | None = None) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    if slot is not None:
        button.clicked.connect(lambda _checked=False: slot())
    return button


class ImagePane(QWidget):
    """What can't be opened is told in one sentence, and the photo before stays."""

    image_opened = Signal(object)
    """OpenedImage"""
    recent_changed = Signal(object)
    """list[Path], newest first"""
    patch_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: OpenedImage | None = None
        self._recent: list[Path] = []
        self._queue: list[Path | bytes] = []
        self.setAcceptDrops(True)
        self.view = ImageView()
        self.view.patch_clicked.connect(self.patch_clicked)
        self._error = QLabel()
        self._error.setProperty("error", True)
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setWordWrap(True)
        self._error.setAccessibleName("What is wrong with the photo")
        self._error.hide()
        self._strip = QListWidget()
        self._strip.setViewMode(QListWidget.ViewMode.IconMode)
        self._strip.setFlow(QListWidget.Flow.LeftToRight)
        self._strip.setWrapping(False)
        self._strip.setMovement(QListWidget.Movement.Static)
        self._strip.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self._strip.setGridSize(QSize(THUMBNAIL + 12, THUMBNAIL + 12))
        self._strip.setFixedHeight(THUMBNAIL + 32)
        self._strip.setAccessibleName("Photos dropped together")
        self._strip.currentRowChanged.connect(self._on_queued_chosen)
        self._strip.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._toolbar())
        layout.addWidget(self._error)
        layout.addWidget(self.view, 1)
        layout.addWidget(self._strip)
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self.view)
        paste.setContext(Qt.ShortcutContext.WidgetShortcut)
        paste.activated.connect(self.paste)

    def _toolbar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._recent_menu = QMenu(self)
        row.addWidget(_button("Open…", "Open a photo (Ctrl+O)", self.choose_file))
        row.addWidget(_button("Paste", "Paste a photo (Ctrl+V)", self.paste))
        recent = _button("Recent", "Photos opened before")
        recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        recent.setMenu(self._recent_menu)
        row.addWidget(recent)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setProperty("muted", True)
        self._name.setMinimumWidth(10)
        row.addWidget(self._name, 1)
        row.addWidget(_button("Whole photo", "Show the whole photo (0)", self.view.reset_zoom))
        return row

    # -- opening

    def open_sources(self, sources: Sequence[Path | bytes]) -> None:
        """The first opens; where there are several, all wait as thumbnails to be chosen from."""
        if not sources:
            return
        self._strip.blockSignals(True)
        self._strip.clear()
        self._queue = list(sources) if len(sources) > 1 else []
        for source in self._queue:
            item = QListWidgetItem("")
            item.setToolTip(source.name if isinstance(source, Path) else "Pasted photo")
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())
            try:
                item.setIcon(QIcon(QPixmap.fromImage(open_image(source).pixels.scaled(
                    THUMBNAIL, THUMBNAIL, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation))))
            except ImageError as error:
                item.setText("?")
                item.setToolTip(str(error))
            self._strip.addItem(item)
        self._strip.setCurrentRow(0 if self._queue else -1)
        self._strip.blockSignals(False)
        self._strip.setVisible(bool(self._queue))
        self._open(sources[0])

    def open_path(self, path: Path) -> None:
        self.open_sources([path])

    def _on_queued_chosen(self, row: int) -> None:
        if 0 <= row < len(self._queue):
            self._open(self._queue[row])

    def _open(self, source: Path | bytes) -> None:
        try:
            opened = open_image(source)
        except ImageError as error:
            self.show_error(str(error))
            return
        self.show_image(opened)
        if isinstance(source, Path):
            path = source.absolute()
            self.set_recent([path, *(old for old in self._recent if old != path)])
            self.recent_changed.emit(list(self._recent))
        self.image_opened.emit(opened)

    def show_image(self, opened: OpenedImage) -> None:
        """Show a photo without telling of it."""
        self._current = opened
        self._error.hide()
        self.view.set_image(opened)
        self._name.setText(opened.name)
        self._name.setToolTip(opened.name)

    def paste(self) -> None:
        try:
            sources = read_mime(QApplication.clipboard().mimeData())
        except ImageError as error:
            self.show_error(str(error))
        else:
            self.open_sources(sources)

    def choose_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        folder = str(self._recent[0].parent) if self._recent else ""
        names, _ = QFileDialog.getOpenFileNames(self, "Open photos", folder, f"Photos ({patterns});;All files (*)")
        self.open_sources([Path(name) for name in names])

    def set_recent(self, recent: Sequence[Path]) -> None:
        """Photos opened before, newest first."""
        self._recent = list(recent)[:MOST_RECENT]
        self._recent_menu.clear()
        for path in self._recent:
            self._recent_menu.addAction(path.name.replace("&", "&&")).triggered.connect(
                lambda _checked=False, path=path: self.open_path(path)
            )
        if not self._recent:
            self._recent_menu.addAction("No photos yet").setEnabled(False)

    def current(self) -> OpenedImage | None:
        return self._current

    def show_error(self, sentence: str) -> None:
        """Tell in place what is wrong, until a photo opens."""
        self._error.setText(sentence)
        self._error.show()

    def error(self) -> str:
        """The sentence on show, or nothing."""
        return self._error.text() if self._error.isVisibleTo(self) else ""

    # -- over the photo

    def set_heat_map(self, image: QImage | None, *, opacity: float, smooth: bool) -> None:
        self.view.set_heat_map(image, opacity=opacity, smooth=smooth)

    def set_patch(self, patch: tuple[int, int] | None) -> None:
        self.view.set_patch(patch)

    def set_grid_side(self, side: int) -> None:
        self.view.set_grid_side(side)

    def render_picture(self) -> QImage:
        return self.view.render_picture()

    # -- drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if can_read(event.mimeData()):
            event.acceptProposedAction()
            self.view.set_drop_wanted(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.view.set_drop_wanted(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Reads what is dropped before anything else: on Wayland it is gone later."""
        self.view.set_drop_wanted(False)
        try:
            sources = read_mime(event.mimeData())
        except ImageError as error:
            self.show_error(str(error))
            return
        event.acceptProposedAction()
        self.open_sources(sources)
