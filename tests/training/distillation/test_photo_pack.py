from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataError
from tests.training.distillation.conftest import Drawn
from training.distillation.photo_pack import load_photos, pack_photos, read_captions, read_list


def test_photos_come_back_with_their_captions(drawn: Drawn, packed: Path) -> None:
    photos = load_photos(packed, size=64)
    assert photos.names == tuple(sorted(path.name for path in drawn.folder.iterdir()))
    assert photos.pixels.shape == (24, 3, 64, 64)
    assert photos.captions[0] == ("A red ball on the floor .", "There is a ball .")
    assert all(photos.captions[photos.names.index(name)] == () for name in drawn.without_captions)
    assert abs(photos.pixels[1, 2].float().mean() - photos.pixels[0, 2].float().mean()) > 5  # blue and red


def test_other_sizes_are_made_while_unpacking(packed: Path) -> None:
    assert load_photos(packed, size=32).pixels.shape == (24, 3, 32, 32)


def test_lists_choose_the_photos(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("00.png\n03.png\n07.png\n", encoding="utf-8")
    (tmp_path / "not.txt").write_text("03.png\n", encoding="utf-8")
    count = pack_photos(
        [drawn.folder], tmp_path / "out.npz", size=32, quality=80, captions={},
        only=read_list(tmp_path / "some.txt"), leave_out=read_list(tmp_path / "not.txt"),
    )
    assert count == 2
    assert load_photos(tmp_path / "out.npz", size=32).names == ("00.png", "07.png")


def test_what_cannot_be_read_is_reported(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"nothing")
    with pytest.raises(DataError, match="no pack of photos"):
        load_photos(tmp_path / "broken.npz")
    with pytest.raises(DataError, match="can't be read"):
        read_list(tmp_path / "missing.txt")
    (tmp_path / "odd.csv").write_text("photo,text\na,b\n", encoding="utf-8")
    with pytest.raises(DataError, match="columns"):
        read_captions([tmp_path / "odd.csv"])
    with pytest.raises(DataError, match="no photos"):
        pack_photos([drawn.folder], tmp_path / "none.npz", size=32, quality=80, captions={}, only=frozenset())
