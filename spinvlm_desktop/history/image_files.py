"""Photos of conversations, as files named for their content beside the database, and their thumbnails."""

from __future__ import annotations

import hashlib
import io
import logging
from contextlib import suppress
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from core.errors import ImageError, reason_of
from core.files.atomic_file import write_bytes
from core.images.image_input import IMAGE_SUFFIXES, load_image
from spinvlm_desktop.history.errors import HistoryError
from spinvlm_desktop.system.png import png_bytes

THUMBNAIL_SIDE = 96
"""Pixels: 48 on a display of double density."""
_BEGINNINGS = ((b"\xff\xd8\xff", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp"), (b"RIFF", ".webp"))
log = logging.getLogger(__name__)


class ImageFiles:
    """`images/<sha256>.<ending>` and `thumbnails/<sha256>.png` in one folder."""

    def __init__(self, folder: Path) -> None:
        """Makes the folders. Raises OSError."""
        self._images, self._thumbnails = folder / "images", folder / "thumbnails"
        for path in (self._images, self._thumbnails):
            path.mkdir(parents=True, exist_ok=True)

    def keep(self, image: Path | bytes, name: str, *, content_hash: str, preview: QImage | None = None) -> None:
        """Copy a photo here unless it is here already. preview: what its thumbnail is made of; None leaves that for later.

        Raises HistoryError where it is gone or isn't the content that the hash was made of, OSError where it can't be copied.
        """
        if self.path(content_hash) is not None:
            return
        content = image if isinstance(image, bytes) else _read(image, name)
        if hashlib.sha256(content).hexdigest() != content_hash:
            raise HistoryError(f"The photo {name} was changed on the disk after it was opened; open it again.")
        write_bytes(self._images / f"{content_hash}{_ending(name, content)}", content)
        if preview is not None:
            with suppress(OSError):
                write_bytes(self._thumbnails / f"{content_hash}.png", png_bytes(_square(preview)))

    def path(self, content_hash: str) -> Path | None:
        """The photo's file, None where it isn't here."""
        if not content_hash.isalnum():  # A hash from elsewhere mustn't be read as a pattern.
            return None
        return next((path for path in self._images.glob(f"{content_hash}.*") if path.is_file()), None)

    def thumbnail(self, content_hash: str) -> QImage | None:
        """A square from the photo's middle, made at the first time; None where the photo is missing or damaged."""
        source = self.path(content_hash)
        if source is None:
            return None
        path = self._thumbnails / f"{content_hash}.png"
        image = QImage(str(path)) if path.exists() else QImage()
        if image.isNull():
            try:
                image = QImage.fromData(_make_thumbnail(source, path))
                if not source.exists():  # the conversation was deleted meanwhile
                    path.unlink(missing_ok=True)
            except (ImageError, OSError):
                log.warning("no thumbnail of %s", source, exc_info=True)
        return None if image.isNull() else image

    def remove(self, content_hash: str) -> None:
        """Remove a photo and its thumbnail. One that another program holds open at the moment stays."""
        for path in (self.path(content_hash), self._thumbnails / f"{content_hash}.png"):
            if path is not None:
                with suppress(OSError):
                    path.unlink()


def _read(image: Path, name: str) -> bytes:
    try:
        return image.read_bytes()
    except OSError as error:
        raise HistoryError(f"The photo {name} can't be read any more: {reason_of(error)}.") from error


def _ending(name: str, content: bytes) -> str:
    ending = Path(name).suffix.lower()
    if ending in IMAGE_SUFFIXES:
        return ending
    return next((known for beginning, known in _BEGINNINGS if content.startswith(beginning)), ".image")


def _square(picture: QImage) -> QImage:
    """A thumbnail from the picture's middle."""
    side = min(picture.width(), picture.height())
    middle = picture.copy((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
    size = QSize(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    return middle.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _make_thumbnail(source: Path, path: Path) -> bytes:
    """The thumbnail's file, as bytes; a disk that is full leaves it unsaved."""
    photo = load_image(source, at_least=2 * THUMBNAIL_SIDE)
    content = io.BytesIO()
    ImageOps.fit(photo, (THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS).save(content, "PNG")
    with suppress(OSError):
        write_bytes(path, content.getvalue())
    return content.getvalue()
