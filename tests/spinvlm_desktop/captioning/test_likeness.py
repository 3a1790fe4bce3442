"""Copies look alike, other photos don't."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from spinvlm_desktop.captioning.order.likeness import NEAR, LookAlikes, difference_hash
from spinvlm_desktop.pictures.drawn_photos import draw_photo


def distance(one: Image.Image, other: Image.Image) -> int:
    return (difference_hash(one) ^ difference_hash(other)).bit_count()


def test_resaved_shrunk_and_brighter_copies_look_alike_and_others_do_not(tmp_path: Path) -> None:
    draw_photo(tmp_path / "a.jpg")
    draw_photo(tmp_path / "b.jpg", shirt="blue", dog=False, mirrored=True)
    with Image.open(tmp_path / "a.jpg") as opened, Image.open(tmp_path / "b.jpg") as opened_other:
        photo, other = opened.convert("RGB"), opened_other.convert("RGB")
    poor = io.BytesIO()
    photo.save(poor, "JPEG", quality=20)
    copies = [Image.open(poor), photo.resize((200, 150)), photo.point(lambda value: min(255, value + 20))]
    assert all(distance(photo, copy) <= NEAR for copy in copies)
    assert distance(photo, other) > NEAR
    noise = [Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)) for seed in range(12)]
    assert all(distance(one, two) > NEAR for one in noise for two in noise if one is not two)


def test_groups_hold_many_photos_and_grow() -> None:
    alike = LookAlikes()
    for number in range(2000):
        alike.add(f"{number}", (number // 2) * 0x9E3779B97F4A7C15 % 2**64)
    assert alike.like("1000") == ["1001"]
    assert alike.like("unknown") == []
    alike.add("1000", 0)
    assert alike.like("1000") == ["1001"], "a photo is of one group"
