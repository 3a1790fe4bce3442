"""Images of every mode become RGB: what is transparent lies over white, deep values are scaled."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.core.images.image_files import assert_similar, encoded, pixels_of, png, scene


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_modes_without_alpha(mode: str) -> None:
    image = scene().convert(mode)
    assert_similar(encoded(image, "PNG"), image, tolerance=0)


def test_a_palette_with_a_transparent_colour_lies_over_white() -> None:
    image = Image.new("P", (4, 1))
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.putpixel((1, 0), 1)
    for data in (encoded(image, "PNG", transparency=1), encoded(image, "GIF", transparency=1)):
        assert pixels_of(data)[0].tolist() == [[255, 0, 0], [255, 255, 255], [255, 0, 0], [255, 0, 0]]
    half = encoded(image, "PNG", transparency=b"\x80\xff")
    assert pixels_of(half)[0, :2].tolist() == [[255, 127, 127], [0, 0, 255]]


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "TIFF"])
def test_alpha_lies_over_white(file_format: str) -> None:
    image = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (0, 100, 200, 255))
    image.putpixel((2, 0), (0, 0, 0, 128))
    data = encoded(image, file_format, **({"lossless": True, "exact": True} if file_format == "WEBP" else {}))
    assert pixels_of(data)[0].tolist() == [[255, 255, 255], [0, 100, 200], [127, 127, 127]]


def test_grey_alpha_and_transparent_colours_lie_over_white() -> None:
    assert pixels_of(encoded(Image.new("LA", (1, 1), (0, 128)), "PNG"))[0, 0].tolist() == [127] * 3
    assert pixels_of(encoded(Image.new("L", (1, 1), 7), "PNG", transparency=7))[0, 0].tolist() == [255] * 3
    transparent = encoded(Image.new("RGB", (1, 1), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert pixels_of(transparent)[0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("mode", ["PA", "La", "RGBa"])
def test_unusual_alpha_modes(mode: str) -> None:
    from core.images.image_modes import upright_rgb

    straight = Image.new("RGBA", (2, 2), (0, 0, 0, 128))
    image = straight.convert("LA").convert("La") if mode == "La" else straight.convert(mode)
    assert upright_rgb(image).getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(file_format: str) -> None:
    gradient = np.arange(0, 65536, 256, dtype=np.uint16)[None]
    grey = pixels_of(encoded(Image.fromarray(gradient), file_format))[0]
    assert grey.tolist() == [[level] * 3 for level in np.rint(gradient[0] / 257).astype(int)]
    assert grey[-1, 0] == 254


def test_big_endian_16_bit_grey() -> None:
    image = Image.frombytes("I;16B", (3, 1), struct.pack(">3H", 0, 32768, 65535))
    assert pixels_of(encoded(image, "TIFF"))[0, :, 0].tolist() == [0, 128, 255]


def test_16_bit_colour() -> None:
    rows = b"\0" + struct.pack(">6H", 0, 32768, 65535, 65535, 256, 0)
    data = png(width=2, height=1, depth=16, colour=2, compressed=zlib.compress(rows))
    assert np.abs(pixels_of(data)[0] - [[0, 128, 255], [255, 1, 0]]).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0], [0, 128, 255]),
        ([0.0, 100.0, 255.0], [0, 100, 255]),
        ([0.0, 32768.0, 65535.0], [0, 128, 255]),
        ([-1.0, 0.0, 1.0], [0, 128, 255]),
        ([0.0, 5e5, 1e6], [0, 128, 255]),
        ([-3e38, 0.0, 3e38], [0, 128, 255]),
        ([-5.0, -5.0, -5.0], [0, 0, 0]),
        ([float("nan"), float("inf"), 1.0], [0, 0, 255]),
    ],
)
def test_floating_point_tiff(values: list[float], expected: list[int]) -> None:
    data = encoded(Image.fromarray(np.array([values], np.float32)), "TIFF")
    assert np.abs(pixels_of(data)[0, :, 0] - expected).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 1, 255], [0, 1, 255]), ([0, 32768, 65535], [0, 128, 255]), ([-10, 0, 10], [0, 128, 255])],
)
def test_32_bit_whole_numbers(values: list[int], expected: list[int]) -> None:
    data = encoded(Image.fromarray(np.array([values], np.int32)), "TIFF")
    assert np.abs(pixels_of(data)[0, :, 0] - expected).max() <= 1


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_cmyk(file_format: str) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert np.abs(pixels_of(encoded(image, file_format))[8, 8] - [255, 0, 0]).max() <= 3


def test_cmyk_is_inverted_only_with_adobes_marker() -> None:
    data = encoded(Image.new("CMYK", (16, 16), (255, 0, 0, 255)), "JPEG")
    start = data.index(b"\xff\xee")
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    without_marker = data[:start] + data[start + 2 + length :]
    # Stored are 0, 255, 255, 0: inverted that is cyan and black, which paint black; as it stands, red.
    assert np.abs(pixels_of(data)[8, 8] - [0, 0, 0]).max() <= 3
    assert np.abs(pixels_of(without_marker)[8, 8] - [255, 0, 0]).max() <= 3
