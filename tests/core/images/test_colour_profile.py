"""Photos with a colour profile of their own are read as sRGB."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from core.images.image_input import load_image

ICC_HEADER = 128
FORMATS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG", {"quality": 100, "subsampling": 0}),
]  # fmt: skip


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """sRGB's profile in which the places of red's and green's primaries are exchanged."""
    profile = bytearray(srgb_profile())
    (count,) = struct.unpack_from(">I", profile, ICC_HEADER)
    entries = {bytes(profile[at : at + 4]): at for at in range(ICC_HEADER + 4, ICC_HEADER + 4 + 12 * count, 12)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def saved(image: Image.Image, file_format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def pixel(data: bytes) -> NDArray[np.int64]:
    return np.asarray(load_image(data), np.int64)[2, 2]


@pytest.mark.parametrize(("file_format", "options"), FORMATS)
def test_colours_follow_the_profile(file_format: str, options: dict[str, Any]) -> None:
    image = Image.new("RGB", (8, 8), (220, 40, 60))
    data = saved(image, file_format, icc_profile=swapped_profile(), **options)
    assert abs(pixel(data) - [40, 220, 60]).max() <= 3


def test_a_photo_from_a_phone_keeps_its_profile_in_heic() -> None:
    import pillow_heif

    image = Image.new("RGB", (64, 64), (200, 60, 60))
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=100, icc_profile=swapped_profile())
    red, green, _ = pixel(stream.getvalue())
    assert green > red + 100


def test_alpha_stays_beside_converted_colours() -> None:
    image = Image.new("RGBA", (8, 8), (220, 40, 60, 0))
    image.paste((220, 40, 60, 255), (0, 0, 4, 8))
    read = np.asarray(load_image(saved(image, icc_profile=swapped_profile())), np.int64)
    assert abs(read[2, 2] - [40, 220, 60]).max() <= 3
    assert read[2, 6].tolist() == [255, 255, 255]


def test_one_transparent_colour_lies_over_white_also_with_a_profile() -> None:
    image = Image.new("RGB", (8, 8), (220, 40, 60))
    image.paste((1, 2, 3), (0, 0, 4, 8))
    read = np.asarray(load_image(saved(image, icc_profile=swapped_profile(), transparency=(1, 2, 3))), np.int64)
    assert read[2, 2].tolist() == [255, 255, 255]
    assert abs(read[2, 6] - [40, 220, 60]).max() <= 3


def test_a_palettes_colours_follow_the_profile() -> None:
    image = Image.new("RGB", (8, 8), (220, 40, 60)).quantize(4)
    assert abs(pixel(saved(image, icc_profile=swapped_profile())) - [40, 220, 60]).max() <= 3


def test_grey_stays_as_it_is_whatever_profile_it_carries() -> None:
    assert pixel(saved(Image.new("L", (8, 8), 90))).tolist() == [90, 90, 90]
    assert abs(pixel(saved(Image.new("L", (8, 8), 90), icc_profile=srgb_profile())) - 90).max() == 0


@pytest.mark.parametrize("profile", [b"", b"no profile at all", b"\0" * 200, srgb_profile()])
def test_a_useless_profile_changes_nothing(profile: bytes) -> None:
    values = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    data = saved(Image.fromarray(values), icc_profile=profile)
    assert np.array_equal(np.asarray(load_image(data)), values)


def test_a_profile_for_other_colours_than_the_photos_changes_nothing() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    values = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(load_image(saved(Image.fromarray(values), icc_profile=lab))), values)


def test_cmyk_with_a_profile_for_rgb_is_converted_as_without() -> None:
    image = Image.new("CMYK", (8, 8), (0, 200, 200, 0))
    plain, profiled = saved(image, "TIFF"), saved(image, "TIFF", icc_profile=swapped_profile())
    assert np.array_equal(pixel(plain), pixel(profiled))
