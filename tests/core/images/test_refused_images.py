"""What can't be read as an image is refused in one sentence."""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path
from typing import Any

import pytest

from core.errors import ImageError
from core.images.image_input import load_image
from tests.core.images.image_files import LOSSLESS, LOSSY, encoded, refusal, scene

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow comments on damaged files.


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
