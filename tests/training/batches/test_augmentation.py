from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.batches.augmentation import BRIGHTNESS, augment, cut_out, may_mirror
from training.data.captions import CaptionedImage


@pytest.mark.parametrize(
    ("caption", "allowed"),
    [
        ("A dog runs over grass .", True),
        ("A man with a ball in his left hand .", False),
        ("The girl turns Right .", False),
        ("A boy holds a sign .", False),
        ("A bright coat .", True),
    ],
)
def test_captions_with_sides_or_writing_forbid_the_mirror_image(caption: str, allowed: bool) -> None:
    image = CaptionedImage(name="a.png", path=Path("a.png"), captions=("Something .", caption), split="train")
    assert may_mirror(image) is allowed


def test_the_same_generator_gives_the_same_views() -> None:
    pixels = torch.rand(4, 3, 32, 32) * 2 - 1
    one, two = (
        augment(pixels, torch.ones(4, dtype=torch.bool), generator=torch.Generator().manual_seed(3))[0] for _ in range(2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, pixels)


def test_photos_that_must_not_be_mirrored_keep_their_sides() -> None:
    # Dark left half, bright right half, in 64 copies: about half would be mirrored if they were allowed to.
    pixels = torch.cat([torch.full((64, 3, 32, 16), -0.8), torch.full((64, 3, 32, 16), 0.8)], dim=3)
    for allowed, mirrored in ((False, 0), (True, 20)):
        views, _ = augment(pixels, torch.full((64,), allowed), generator=torch.Generator().manual_seed(0))
        left_is_brighter = views[..., :4].mean((1, 2, 3)) > views[..., -4:].mean((1, 2, 3))
        assert left_is_brighter.sum() >= mirrored
        assert allowed or not left_is_brighter.any()


def test_brightness_changes_stay_mild() -> None:
    pixels = torch.zeros(200, 3, 8, 8)
    views, _ = augment(pixels, torch.ones(200, dtype=torch.bool), generator=torch.Generator().manual_seed(1))
    assert views.abs().max() <= BRIGHTNESS


def test_a_marked_part_moves_with_its_photo() -> None:
    # The bright part of each photo is what its mask marks.
    masks = torch.zeros(16, 1, 14, 14)
    masks[:, :, 3:8, 1:5] = 1
    photos = (masks * 2 - 1).repeat_interleave(16, 2).repeat_interleave(16, 3).expand(-1, 3, -1, -1)
    views, transforms = augment(photos, torch.ones(16, dtype=torch.bool), generator=torch.Generator().manual_seed(0))
    moved = cut_out(masks, transforms)
    small = torch.nn.functional.avg_pool2d(views.mean(1, keepdim=True), 16)
    bright = small > (small.amax((1, 2, 3), keepdim=True) + small.amin((1, 2, 3), keepdim=True)) / 2
    assert (bright == (moved > 0.5)).float().mean() > 0.97
    assert moved[:, :, :, 9:].sum() > 0  # some are mirrored
