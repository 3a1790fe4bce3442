"""Images that are too large, those that are decoded smaller, and the square the encoder sees."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from core.images.image_input import load_image, squash
from tests.core.images.image_files import encoded, png, refusal, scene


def test_too_many_pixels_are_refused_from_the_header() -> None:
    data = png(width=20_000, height=20_000, compressed=b"")
    tracemalloc.start()
    message = refusal(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message == (
        "The image is too large: 20,000 x 20,000 pixels are 400 megapixels, and at most 100 can be used."
    )
    assert peak < 2**20
    assert "10,001 x 10,000 pixels are 101 megapixels" in refusal(png(width=10_001, height=10_000, compressed=b""))


def headers_of_400_megapixels() -> dict[str, bytes]:
    side = 20_000
    tiff_tags = {256: side, 257: side, 258: 8, 259: 1, 262: 1, 273: 8}
    return {
        "BMP": struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54, 0, 54, 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0),
        "GIF": struct.pack("<6sHHBBBcHHHHB", b"GIF89a", side, side, 0, 0, 0, b",", 0, 0, 9, 9, 0) + b"\2\2L\1\0;",
        "TIFF": struct.pack("<4sIH", b"II*\0", 8, len(tiff_tags))
        + b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tiff_tags.items())
        + bytes(4),
    }


@pytest.mark.parametrize("file_format", ["BMP", "GIF", "TIFF"])
def test_too_many_pixels_in_other_formats(file_format: str) -> None:
    assert "20,000 x 20,000 pixels are 400 megapixels" in refusal(headers_of_400_megapixels()[file_format])


def test_100_megapixels_are_allowed_by_the_header() -> None:
    # Refused for its missing pixels, not for its size, which Pillow itself would warn about.
    assert "damaged" in refusal(png(width=10_000, height=10_000, depth=1, colour=0, compressed=zlib.compress(b"\0")))


def test_a_jpeg_of_more_than_100_megapixels_is_decoded_smaller() -> None:
    """12,000 x 9,000, as phones make them: a red half and a blue one."""
    big = Image.new("RGB", (12_000, 9_000), (200, 20, 20))
    big.paste((20, 20, 200), (6_000, 0, 12_000, 9_000))
    data = encoded(big, "JPEG")
    del big
    image = load_image(data)
    assert image.size == (6_000, 4_500)
    red, blue = (np.asarray(image.getpixel((x, 2_000))).astype(int) for x in (1_000, 5_000))
    assert red[0] - red[2] > 100 < blue[2] - blue[0]
    assert load_image(data, at_least=1_000).size == (1_500, 1_125)


def test_a_jpeg_of_more_than_a_gigapixel_is_refused_from_the_header() -> None:
    data = bytearray(encoded(scene(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 32_000, 32_000)
    assert refusal(bytes(data)) == (
        "The image is too large: 32,000 x 32,000 pixels are 1,024 megapixels, and at most 1,000 can be used."
    )


def test_large_jpegs_may_be_decoded_smaller() -> None:
    big = scene().resize((960, 640))
    data = encoded(big, "JPEG", quality=95)
    small = load_image(data, at_least=100)
    assert small.size == (240, 160)
    assert load_image(data, at_least=641).size == big.size
    difference = squash(small, 64).astype(int) - squash(load_image(data), 64).astype(int)
    assert np.abs(difference).mean() < 1


def test_squash_keeps_the_whole_image_and_averages() -> None:
    stripes = np.zeros((64, 128, 3), np.uint8)
    stripes[:, ::2] = 255
    small = squash(Image.fromarray(stripes), 8)
    assert (small.shape, small.dtype) == ((8, 8, 3), np.uint8)
    # Without antialiasing the stripes would alias to black or white.
    assert np.abs(small.astype(int) - 127).max() <= 12
    corners = squash(scene().resize((480, 320)), 16)
    assert np.abs(corners[0, 0].astype(int) - np.asarray(scene())[0, 0]).max() < 20
    assert np.abs(corners[-1, -1].astype(int) - np.asarray(scene())[-1, -1]).max() < 20


def test_squashing_to_the_same_size_changes_nothing() -> None:
    square = scene().resize((32, 32))
    assert np.array_equal(squash(square, 32), np.asarray(square))
