"""Photos in what is dropped or pasted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage

from core.errors import ImageError
from core.images.image_input import IMAGE_SUFFIXES
from spinvlm_desktop.image.opened_image import Source

WEB_ADDRESS = "This is a web address, and the program makes no network calls: save the picture and drop the file."
MOST_LINES = 200
LONGEST_LINE = 4096


def can_read(mime: QMimeData) -> bool:
    """Whether `read_mime` may find a photo, or at least a sentence to say."""
    return mime.hasUrls() or mime.hasImage() or mime.hasText()


def is_photo(mime: QMimeData) -> bool:
    """Whether this is meant as a photo also where text could go: files, a picture without text, or a photo's path."""
    if any(url.isLocalFile() for url in mime.urls()) or (mime.hasImage() and not mime.hasText()):
        return True
    path = _path(mime.text().strip().strip('"'))
    return path is not None and path.suffix.lower() in IMAGE_SUFFIXES and path.is_file()


def read_mime(mime: QMimeData) -> list[Source]:
    """Files, or the picture itself. Raises ImageError with one sentence where there is nothing to open."""
    local = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if local:
        return list(local)
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return [image]
    text = mime.text().strip().strip('"')
    if mime.hasUrls() or QUrl(text).scheme().lower() in ("http", "https", "ftp", "data"):
        raise ImageError(WEB_ADDRESS)
    paths = [_path(line.strip().strip('"')) for line in text.splitlines()[: MOST_LINES + 1] if line.strip()]
    named = [path for path in paths if path is not None]
    if named and len(named) == len(paths) <= MOST_LINES:
        return list(named)
    raise ImageError("There is no photo in this; drop or paste a picture, or an image file.")


def _path(line: str) -> Path | None:
    """The file that a line of text names by an absolute path or a file:// address; None where it names none."""
    if len(line) > LONGEST_LINE or "\n" in line:
        return None
    try:
        path = Path(QUrl(line).toLocalFile() if line.startswith("file:") else line).expanduser()
    except RuntimeError:  # "~word", where no user has that name
        return None
    return path if path.is_absolute() else None
