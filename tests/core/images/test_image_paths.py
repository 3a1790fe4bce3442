"""Where images come from: paths, bytes and folders."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageError
from core.images.image_input import IMAGE_SUFFIXES, content_hash, find_images, load_image
from tests.core.images.image_files import encoded, scene


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
