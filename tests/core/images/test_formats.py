"""Image files of every format become upright RGB."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps, features

from core.images.image_input import load_image
from tests.core.images.image_files import LOSSLESS, LOSSY, assert_similar, encoded, refusal, scene

ROOT = Path(__file__).parents[3]


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


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow comments on it.
def test_broken_exif_is_no_reason_to_refuse() -> None:
    data = encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01", quality=95)
    assert_similar(data, scene(), tolerance=3)


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
