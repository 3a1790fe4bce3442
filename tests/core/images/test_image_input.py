"""Image files of every format and mode become upright RGB; what can't be used is refused in one sentence."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps, features

from core.errors import ImageError
from core.images.image_input import IMAGE_SUFFIXES, content_hash, find_images, load_image, squash

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow comments on damaged files.


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


def pixels_of(data: bytes) -> NDArray[np.int32]:
    image = load_image(data)
    assert image.mode == "RGB"
    return np.asarray(image).astype(np.int32)


def assert_similar(data: bytes, expected: Image.Image, *, tolerance: float) -> None:
    image = load_image(data)
    assert (image.mode, image.size) == ("RGB", expected.size)
    difference = np.abs(np.asarray(image).astype(float) - np.asarray(expected.convert("RGB")).astype(float))
    assert difference.mean() <= tolerance


LOSSLESS = [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})]
LOSSY = [("JPEG", {"quality": 95}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("GIF", {}), ("HEIF", {})]


@pytest.mark.parametrize(("file_format", "options"), LOSSLESS)
def test_lossless_formats(file_format: str, options: dict[str, Any]) -> None:
    assert_similar(encoded(scene(), file_format, **options), scene(), tolerance=0)


@pytest.mark.parametrize(("file_format", "options"), LOSSY)
def test_lossy_formats(file_format: str, options: dict[str, Any]) -> None:
    assert_similar(encoded(scene(), file_format, **options), scene(), tolerance=6)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_the_first_frame_counts(file_format: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:])
    assert_similar(data, frames[0], tolerance=2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("file_format", "options"),
    [("JPEG", {"quality": 95}), ("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("HEIF", {})],
)
def test_every_exif_orientation_is_turned_upright(file_format: str, options: dict[str, Any], orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = turned_for(orientation)
    data = encoded(stored, file_format, exif=exif.tobytes(), **options)
    assert_similar(data, scene(), tolerance=3)
    again = ImageOps.exif_transpose(load_image(data))
    assert again.size == scene().size  # Who applies the orientation a second time changes nothing.


def turned_for(orientation: int) -> Image.Image:
    """The scene as a camera of this orientation stores it, by the EXIF standard's words on tag 0x0112."""
    values = np.asarray(scene())
    if orientation >= 5:  # The 0th row is a visual side, the 0th column the visual top or bottom.
        values = values.transpose(1, 0, 2)
    if orientation in (3, 4, 6, 7):  # The 0th row is the visual bottom or right-hand side.
        values = values[::-1]
    if orientation in (2, 3, 7, 8):  # The 0th column is the visual right-hand side or bottom.
        values = values[:, ::-1]
    return Image.fromarray(np.ascontiguousarray(values))


def test_broken_exif_is_no_reason_to_refuse() -> None:
    data = encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01", quality=95)
    assert_similar(data, scene(), tolerance=3)


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


def test_a_path_and_its_bytes_give_the_same_and_names_need_not_be_ascii(tmp_path: Path) -> None:
    folder = tmp_path / "Фото 写真 - été 😀"
    folder.mkdir()
    path = folder / "düne\u0301.png"
    data = encoded(scene(), "PNG")
    path.write_bytes(data)
    assert np.array_equal(np.asarray(load_image(path)), np.asarray(scene()))
    assert content_hash(path) == content_hash(data) == hashlib.sha256(data).hexdigest()
    assert find_images(folder) == [path]


def test_the_ending_of_the_name_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(scene(), "PNG"))
    assert np.array_equal(np.asarray(load_image(path)), np.asarray(scene()))


def png(*, width: int, height: int, depth: int = 8, colour: int = 2, compressed: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compressed) + chunk(b"IEND", b"")


def refusal(source: Path | bytes) -> str:
    with pytest.raises(ImageError) as error:
        load_image(source)
    message = str(error.value)
    assert message.endswith(".")
    assert "\n" not in message
    if isinstance(source, Path):
        assert str(source) in message
    return message


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.jpg").endswith("none.jpg doesn't exist.")
    assert refusal(tmp_path).endswith("is a folder, not an image.")
    file = tmp_path / "file"
    file.write_bytes(b"x")
    assert refusal(file / "below.jpg").endswith("below.jpg doesn't exist.")
    with pytest.raises(ImageError, match="doesn't exist"):
        load_image(Path("a\0b.jpg"))
    assert "can't be read" in refusal(tmp_path / ("x" * 5000))


def test_empty_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    assert refusal(path) == f"The image {path} is empty."
    assert refusal(b"") == "The image is empty."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert refusal(tmp_path / "pipe.jpg").endswith("isn't a regular file.")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(encoded(scene(), "PNG"))
    path.chmod(0)
    assert refusal(path).endswith("can't be read: permission denied.")


@pytest.mark.parametrize("data", [b"x", b"not an image, just text", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0\n" * 9])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "text.jpg"
    path.write_bytes(data)
    assert "isn't an image in a known format (JPEG, PNG," in refusal(path)


@pytest.mark.parametrize(("file_format", "options"), [*LOSSLESS, *LOSSY])
def test_truncated_files_are_refused_at_every_length(file_format: str, options: dict[str, Any]) -> None:
    data = encoded(scene(), file_format, **options)
    # What follows the pixels (a PNG's or GIF's end marker) may be missing without harm.
    needed = len(data) - {"PNG": 22, "GIF": 2}.get(file_format, 0)
    for length in {*range(1, needed, max(1, needed // 40)), *range(needed - 12, needed)}:
        message = refusal(data[:length])
        assert message.endswith("damaged or incomplete and can't be read.") or length < 16


@pytest.mark.parametrize(("file_format", "options"), [*LOSSLESS, *LOSSY])
def test_damage_never_raises_anything_else(file_format: str, options: dict[str, Any]) -> None:
    data = encoded(scene(), file_format, **options)
    source = random.Random(5)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(source.randint(1, 6)):
            damaged[source.randrange(16, min(len(data), source.choice([90, len(data)])))] = source.randrange(256)
        with contextlib.suppress(ImageError):
            assert load_image(bytes(damaged)).mode == "RGB"


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


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif_is_read_whatever_its_ending_and_main_brand(tmp_path: Path) -> None:
    data = encoded(scene(), "AVIF", quality=95)
    (tmp_path / "photo.jpg").write_bytes(data)
    assert load_image(tmp_path / "photo.jpg").size == scene().size
    assert_similar(data, scene(), tolerance=6)
    assert data[8:12] == b"avif"
    assert_similar(data[:8] + b"mif1" + data[12:], scene(), tolerance=6)


def test_without_avif_in_pillow_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda _feature: False)
    header = struct.pack(">I4s4sI4s4s", 24, b"ftyp", b"avif", 0, b"avif", b"mif1")
    assert refusal(header + bytes(64)).endswith("is an AVIF image, which can't be read here; save it as JPEG or PNG.")


def test_neither_pillow_is_changed_nor_torch_imported(tmp_path: Path) -> None:
    path = tmp_path / "photo.heic"
    path.write_bytes(encoded(scene(), "HEIF"))
    code = (
        "import pathlib, sys\n"
        "from PIL import Image\n"
        "before = Image.MAX_IMAGE_PIXELS\n"
        "from core.images.image_input import load_image\n"
        "assert 'pillow_heif' not in sys.modules\n"
        "assert load_image(pathlib.Path(sys.argv[1])).size == (48, 32)\n"
        "assert Image.MAX_IMAGE_PIXELS == before and 'HEIF' not in Image.OPEN and 'torch' not in sys.modules\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


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


def test_the_images_of_a_folder_are_found_by_their_endings_and_sorted(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.jpg", ".hidden.jpg", "notes.txt", "c.heic", "sub/d.webp"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "folder.jpg").mkdir()
    assert [path.name for path in find_images(tmp_path)] == ["a.jpg", "b.PNG", "c.heic"]
    assert [path.name for path in find_images(tmp_path, recursive=True)] == ["a.jpg", "b.PNG", "c.heic", "d.webp"]
    with pytest.raises(ImageError, match="There is no folder"):
        find_images(tmp_path / "none")
    assert ".tiff" in IMAGE_SUFFIXES


def test_a_missing_file_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="doesn't exist"):
        content_hash(tmp_path / "none.jpg")
