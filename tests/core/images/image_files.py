"""A small picture in files of every format, and what is read of them."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.errors import ImageError
from core.images.image_input import load_image

LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})]
LOSSY = [("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("GIF", {}), ("HEIF", {})]


def scene() -> Image.Image:
    """A picture without any symmetry, smooth enough to survive lossy formats: 48 x 32."""
    y, x = np.mgrid[0:32, 0:48]
    values = np.stack([x * 5, y * 8, 255 - x * 2 - y * 3], axis=-1)
    return Image.fromarray(values.astype(np.uint8))


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    if file_format == "HEIF":
        pillow_heif.from_pillow(image).save(buffer, quality=95, **options)
    else:
        image.save(buffer, file_format, **options)
    return buffer.getvalue()


def png(*, width: int, height: int, depth: int = 8, colour: int = 2, compressed: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compressed) + chunk(b"IEND", b"")


def pixels_of(data: bytes) -> NDArray[np.int32]:
    image = load_image(data)
    assert image.mode == "RGB"
    return np.asarray(image).astype(np.int32)


def assert_similar(data: bytes, expected: Image.Image, *, tolerance: float) -> None:
    image = load_image(data)
    assert (image.mode, image.size) == ("RGB", expected.size)
    difference = np.abs(np.asarray(image).astype(float) - np.asarray(expected.convert("RGB")).astype(float))
    assert difference.mean() <= tolerance


def refusal(source: Path | bytes) -> str:
    with pytest.raises(ImageError) as error:
        load_image(source)
    message = str(error.value)
    assert message.endswith(".")
    assert "\n" not in message
    if isinstance(source, Path):
        assert str(source) in message
    return message
