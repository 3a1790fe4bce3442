"""The drop zone: the photo on show, those that wait, and the ways to open one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QToolButton, QWidget

from core.errors import ImageError
from core.images.image_input import IMAGE_SUFFIXES
from core.photo_layout import Box, PlaceGrid
from spinvlm_desktop.image.error_bar import ErrorBar
from spinvlm_desktop.image.image_view import ImageView
from spinvlm_desktop.image.mime_images import can_read, is_photo, read_mime
from spinvlm_desktop.image.opened_image import OpenedImage, Source
from spinvlm_desktop.image.photo_reader import PhotoReader
from spinvlm_desktop.image.recent_photos import RecentPhotos
from spinvlm_desktop.image.start_photos import StartPhotos, sample_photos
from spinvlm_desktop.image.thumbnail_strip import ThumbnailStrip
from spinvlm_desktop.system.polled_files import is_file, is_folder
from spinvlm_desktop.system.start_folder import usual_folder
from spinvlm_desktop.widgets.controls import tool_button
from spinvlm_desktop.widgets.elided_label import ElidedLabel
from spinvlm_desktop.widgets.flow_layout import FlowLayout
from spinvlm_desktop.widgets.layouts import column_of, row_of


class ImagePane(QWidget):
    """Of what can't be opened one sentence says why, and the photo before stays."""

    image_opened = Signal(object)
    """OpenedImage"""
    image_chosen = Signal(object)
    """OpenedImage, in place of image_opened: one of those that were dropped together."""
    folder_dropped = Signal(object)
    """Path"""
    conversation_dropped = Signal(object)
    """Path of a JSON file."""
    taken = Signal()
    """A photo was dropped, pasted, or chosen from a file or the recent ones; not from those that wait."""
    photo_shown = Signal()
    """Another photo is on show, whatever it came from, or none."""
    recent_changed = Signal(object)
    """list[Path], newest first"""
    patch_clicked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current: OpenedImage | None = None
        self._source: Source | None = None
        """Of the photo on show, where it is none of the history's."""
        self._folder: Path | None = None
        self.reader = PhotoReader(self)
        self.reader.slow.connect(lambda name: self._name.setText(f"Opening {name}…"))
        self.reader.ended.connect(lambda *_: self._show_name())
        self.setAcceptDrops(True)
        self.view = ImageView()
        self.view.patch_clicked.connect(self.patch_clicked)
        self._start = StartPhotos()
        self._start.chosen.connect(self.open_path)
        self.view.overlays.set_start(self._start)
        self._strip = ThumbnailStrip()
        self._strip.chosen.connect(self._on_queued_chosen)
        self._error = ErrorBar()
        column_of(self._toolbar(), self._error, (self.view, 1), self._strip, parent=self, margins=(), spacing=6)

    def _toolbar(self) -> QHBoxLayout:
        buttons = QWidget()
        flow = FlowLayout(buttons, spacing=2)
        self._recent = RecentPhotos(self)
        self._recent.chosen.connect(self.open_path)
        self._first_tool = tool_button("Open…", "Open a photo (Ctrl+O)", self.choose_file)
        flow.addWidget(self._first_tool)
        flow.addWidget(tool_button("Paste", "Paste a photo (Ctrl+V)", self.paste))
        recent = tool_button("Recent", "Photos opened before")
        recent.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        recent.setMenu(self._recent)
        flow.addWidget(recent)
        self._whole = tool_button("Fit", "Show the whole photo (0)", self.view.reset_zoom)
        self._whole.setEnabled(False)
        self.view.zoomed_changed.connect(self._whole.setEnabled)
        flow.addWidget(self._whole)
        self._name = ElidedLabel()
        self._name.setProperty("muted", True)
        self._tools = row_of(buttons, (self._name, 1), spacing=2)
        self._tools.insertSpacing(1, 6)
        return self._tools

    def add_first_tool(self, button: QToolButton) -> None:
        """A button before the others."""
        self._tools.insertWidget(0, button)
        QWidget.setTabOrder(button, self._first_tool)

    # -- opening

    def open_sources(self, sources: Sequence[Source]) -> None:
        """The first that is a photo opens; where there are several, all wait as thumbnails to be chosen from.

        Folders and conversations are passed on. Where there is no photo, the one before and its thumbnails stay.
        """
        paths = [source for source in sources if isinstance(source, Path)]
        folders = [path for path in paths if is_folder(path)]
        conversations = [path for path in paths if path.suffix.lower() == ".json" and is_file(path)]
        for signal, found in ((self.folder_dropped, folders), (self.conversation_dropped, conversations)):
            if found:
                signal.emit(found[0])
        photos = [source for source in sources if source not in (*folders, *conversations)]
        if photos:
            self._open_first(photos)

    def open_path(self, path: Path) -> None:
        self.open_sources([path])

    def _open_first(self, sources: Sequence[Source], row: int = 0, *, complaint: str = "") -> None:
        """complaint: what is wrong with the first, where this is a later one."""
        def on_read(opened: OpenedImage) -> None:
            self._strip.set_sources(sources)
            self._show_opened(opened, sources[row])
            if complaint:
                self.show_error(complaint)
            self.image_opened.emit(opened)
            self.taken.emit()

        def on_refused(sentence: str) -> None:
            if row + 1 < len(sources):
                self._open_first(sources, row + 1, complaint=complaint or sentence)
            else:
                self.show_error(complaint or sentence)

        self.reader.read(sources[row], on_read, on_refused)

    def _on_queued_chosen(self, row: int) -> None:
        source = self._strip.source(row)
        if self._current is not None and self._source is source:  # Opening it again would begin a new chat.
            self.reader.give_up()
            self.dismiss_error()
            self._strip.set_shown(row)
            return

        def on_read(opened: OpenedImage) -> None:
            self._show_opened(opened, source)
            self.image_chosen.emit(opened)

        def on_refused(sentence: str) -> None:
            self.show_error(sentence)
            self._strip.mark(self._source)

        self.reader.read(source, on_read, on_refused)

    def _show_opened(self, opened: OpenedImage, source: Source) -> None:
        self.show_image(opened)
        self._source = source
        self._strip.mark(source)
        if isinstance(source, Path) and source not in sample_photos():
            self._remember(source.absolute())

    def _remember(self, path: Path) -> None:
        self._folder = path.parent
        self._recent.add(path)
        self._start.set_recent(self.recent())
        self.recent_changed.emit(self.recent())

    def show_image(self, opened: OpenedImage) -> None:
        """Show a photo; `image_opened` isn't emitted."""
        self._current, self._source = opened, None
        self._strip.mark(None)
        self.dismiss_error()
        self.view.set_image(opened)
        self._show_name()
        self.photo_shown.emit()

    def clear(self) -> None:
        """No photo is on show; those that were dropped together can still be chosen."""
        self._current, self._source = None, None
        self._strip.mark(None)
        self.dismiss_error()
        self.view.set_image(None)
        self._show_name()
        self.photo_shown.emit()

    def _show_name(self) -> None:
        self._name.setText("" if self._current is None else self._current.name)

    def paste(self) -> None:
        self._take(QApplication.clipboard().mimeData())

    def take_photo(self, mime: QMimeData) -> bool:
        """Open what was pasted or dropped where text could go; False where it isn't meant as a photo."""
        if is_photo(mime):
            self._take(mime)
            return True
        return False

    def _take(self, mime: QMimeData) -> bool:
        """At once: what is dropped on Wayland is gone later. Whether there was anything to open."""
        try:
            sources = read_mime(mime)
        except ImageError as error:
            self.show_error(str(error))
            return False
        self.open_sources(sources)
        return True

    def choose_file(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(IMAGE_SUFFIXES))
        recent = self.recent()
        folder = self._folder or (recent[0].parent if recent else usual_folder("pictures"))
        names, _ = QFileDialog.getOpenFileNames(self, "Open photos", str(folder), f"Photos ({patterns});;All files (*)")
        self.open_sources([Path(name) for name in names])

    def set_recent(self, recent: Sequence[Path]) -> None:
        """Photos opened before, newest first; those that are gone are left out."""
        self._recent.set_photos(recent)
        self._start.set_recent(self.recent())

    def recent(self) -> list[Path]:
        """Photos opened before that are still there, newest first."""
        return self._recent.photos()

    def current(self) -> OpenedImage | None:
        return self._current

    def show_error(self, sentence: str) -> None:
        """Say in place what is wrong, until a photo opens."""
        self._error.show_error(sentence)

    def dismiss_error(self) -> None:
        self._error.hide()

    def error(self) -> str:
        """The sentence on show, or nothing."""
        return self._error.text() if self._error.isVisibleTo(self) else ""

    # -- over the photo

    def set_heat_map(self, image: QImage | None, *, opacity: float, smooth: bool) -> None:
        self.view.set_heat_map(image, opacity=opacity, smooth=smooth)

    def set_patch(self, patch: tuple[int, int] | None) -> None:
        self.view.set_patch(patch)

    def set_places(self, places: PlaceGrid, unseen: Sequence[Box]) -> None:
        self.view.set_places(places, unseen)

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
        self.view.set_drop_wanted(False)
        if self._take(event.mimeData()):
            event.acceptProposedAction()
