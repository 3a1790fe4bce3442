"""Image file or bytes -> upright RGB image -> pixels as the vision encoder wants them. Imports no torch.

Each format's reader is chosen here by the file's first bytes and called directly: Pillow's own `Image.open` would also
try formats that run other programs, would need a global size limit, and HEIC would have to be registered globally.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, features
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.errors import ImageError, reason_of
from core.images.image_modes import upright_rgb

IMAGE_SUFFIXES = frozenset(
    [".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".heic", ".heif", ".hif", ".avif"]
)
"""Endings, in lower case, of the files that load_image can read."""
MAX_PIXELS = 100_000_000
"""Of an image that is decoded whole, and of what a larger JPEG is decoded to."""
LARGEST_JPEG = 1_000_000_000
"""Pixels of a JPEG; decoded at an eighth of its sides it is small, but what is read of it meanwhile must be held."""
HEADER_LENGTH = 64
BRANDS_FROM = 16
"""Where the file type box of HEIC and AVIF names the brands that the file is compatible with, four letters each."""
AVIF_BRANDS = frozenset([b"avif", b"avis"])
HEIF_BRANDS = frozenset(
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"]
)

Reader = Callable[[IO[bytes]], Image.Image]
READERS: tuple[tuple[tuple[bytes, ...], Reader], ...] = (
    ((b"\xff\xd8\xff",), JpegImageFile),
    ((b"\x89PNG\r\n\x1a\n",), PngImageFile),
    ((b"GIF87a", b"GIF89a"), GifImageFile),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), TiffImageFile),
    ((b"BM",), BmpImageFile),
)
log = logging.getLogger(__name__)


def load_image(source: Path | bytes, *, at_least: int | None = None) -> Image.Image:
    """The image of a file, or of its bytes: upright, RGB, 8 bits, the first frame; transparent parts are white.

    at_least: allows a large JPEG to be decoded at 1/2, 1/4 or 1/8 of its size, with both sides at least so long. A JPEG of
    more than 100 megapixels, as many phones make them, is always decoded smaller. Raises ImageError where the file is
    missing, empty, damaged, no image, or has more than 100 megapixels, of a JPEG more than a gigapixel; the size is read
    from the header, before anything is decoded.
    """
    name = _name(source)
    with _open(source) as stream, _decoding_errors(name):
        reader = _reader(stream.read(HEADER_LENGTH), name)
        stream.seek(0)
        with reader(stream) as image:
            width, height = image.size
            most = LARGEST_JPEG if isinstance(image, JpegImageFile) else MAX_PIXELS
            if width * height > most:
                raise _too_large(name, width, height, most=most)
            if isinstance(image, JpegImageFile):
                _decode_smaller(image, at_least=at_least)
            image.load()
            try:
                return upright_rgb(image)
            except ValueError as error:
                raise ImageError(f"{name} has colours of a kind that can't be read ({image.mode}).") from error


def _decode_smaller(image: JpegImageFile, *, at_least: int | None) -> None:
    """Choose the size that a JPEG is decoded at: both sides at least so long, and no more pixels than can be held."""
    width, height = image.size
    wanted = (width, height) if at_least is None else (at_least, at_least)
    factor = next(factor for factor in (1, 2, 4, 8) if width * height <= factor**2 * MAX_PIXELS)
    image.draft(None, (min(wanted[0], width // factor), min(wanted[1], height // factor)))


def content_hash(source: Path | bytes) -> str:
    """SHA-256 of the file's bytes, in hexadecimal. Raises ImageError where the file can't be read."""
    with _open(source) as stream, _decoding_errors(_name(source)):
        return hashlib.file_digest(cast("io.BytesIO", stream), "sha256").hexdigest()


def squash(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """The whole image squashed to a square, bicubic with antialiasing: [size, size, 3], RGB."""
    return np.array(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def find_images(folder: Path, *, recursive: bool = False) -> list[Path]:
    """The image files of a folder by their endings, sorted by path; hidden files are left out.

    Raises ImageError where the folder is missing or can't be read.
    """
    if not folder.is_dir():
        raise ImageError(f"There is no folder {_printable(folder)}.")
    try:
        paths = list(folder.rglob("*") if recursive else folder.iterdir())
    except OSError as error:
        raise _unreadable(f"The folder {_printable(folder)}", error) from error
    return sorted(
        path for path in paths
        if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


@contextmanager
def _open(source: Path | bytes) -> Iterator[IO[bytes]]:
    """The bytes of the source as a stream, known not to be empty."""
    name = _name(source)
    if isinstance(source, bytes):
        if not source:
            raise ImageError(f"{name} is empty.")
        yield io.BytesIO(source)
        return
    try:
        if source.is_dir():
            raise ImageError(f"{name} is a folder, not an image.")
        if source.exists() and not source.is_file():  # Reading a pipe or a device might never end.
            raise ImageError(f"{name} isn't a regular file.")
        stream = source.open("rb")
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise ImageError(f"{name} doesn't exist.") from error
    except OSError as error:
        raise _unreadable(name, error) from error
    with stream:
        if not stream.peek(1):
            raise ImageError(f"{name} is empty.")
        yield stream


def _reader(header: bytes, name: str) -> Reader:
    for signatures, reader in READERS:
        if header.startswith(signatures):
            return reader
    if header.startswith(b"RIFF") and header[8:12] == b"WEBP":
        return WebPImageFile
    if header[4:8] == b"ftyp" and not AVIF_BRANDS.isdisjoint(_brands(header)):
        return _avif_reader(name)
    if header[4:8] == b"ftyp" and header[8:12] in HEIF_BRANDS:
        # Imported where it is needed: it is slow to load, and most photos aren't HEIC.
        from pillow_heif.as_plugin import HeifImageFile

        return HeifImageFile
    raise ImageError(f"{name} isn't an image in a known format (JPEG, PNG, WebP, BMP, TIFF, GIF, HEIC or AVIF).")


def _brands(header: bytes) -> list[bytes]:
    """The main brand of a file type box, and those that it is compatible with as far as the header has them."""
    end = min(int.from_bytes(header[:4]), len(header))
    return [header[8:12], *(header[place : place + 4] for place in range(BRANDS_FROM, end - 3, 4))]


def _avif_reader(name: str) -> Reader:
    """Imported where it is needed, as HEIC's is; not every build of Pillow has it."""
    if not features.check("avif"):
        raise ImageError(f"{name} is an AVIF image, which can't be read here; save it as JPEG or PNG.")
    from PIL.AvifImagePlugin import AvifImageFile

    return AvifImageFile


@contextmanager
def _decoding_errors(name: str) -> Iterator[None]:
    """Turns what goes wrong while a file is read into an ImageError of one sentence."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"There isn't enough memory to read {_lower_first(name)}.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name} is too large: at most {MAX_PIXELS // 10**6} megapixels can be used.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise _unreadable(name, error) from error
        # Decoders raise nearly anything for damaged files: SyntaxError, struct.error, IndexError, EOFError ...
        log.debug("decoding failed", exc_info=True)
        raise ImageError(f"{name} is damaged or incomplete and can't be read.") from error


def _too_large(name: str, width: int, height: int, *, most: int) -> ImageError:
    # Rounded up, so that an image just over the limit isn't reported as being within it.
    megapixels = -(-width * height // 10**6)
    return ImageError(
        f"{name} is too large: {width:,} x {height:,} pixels are {megapixels:,} megapixels, "
        f"and at most {most // 10**6:,} can be used."
    )


def _unreadable(name: str, error: OSError) -> ImageError:
    return ImageError(f"{name} can't be read: {reason_of(error)}.")


def _name(source: Path | bytes) -> str:
    return "The image" if isinstance(source, bytes) else f"The image {_printable(source)}"


def _printable(path: Path) -> str:
    """The path without the surrogates that stand for undecodable bytes in file names."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]
