from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.augmentation import BRIGHTNESS, augment, may_mirror
from training.captions import CaptionedImage


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
    one, two = (augment(pixels, torch.ones(4, dtype=torch.bool), generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, pixels)


def test_photos_that_must_not_be_mirrored_keep_their_sides() -> None:
    # Dark left half, bright right half, in 64 copies: about half would be mirrored if they were allowed to.
    pixels = torch.cat([torch.full((64, 3, 32, 16), -0.8), torch.full((64, 3, 32, 16), 0.8)], dim=3)
    for allowed, mirrored in ((False, 0), (True, 20)):
        views = augment(pixels, torch.full((64,), allowed), generator=torch.Generator().manual_seed(0))
        left_is_brighter = views[..., :4].mean((1, 2, 3)) > views[..., -4:].mean((1, 2, 3))
        assert left_is_brighter.sum() >= mirrored
        assert allowed or not left_is_brighter.any()


def test_brightness_changes_stay_mild() -> None:
    pixels = torch.zeros(200, 3, 8, 8)
    views = augment(pixels, torch.ones(200, dtype=torch.bool), generator=torch.Generator().manual_seed(1))
    assert views.abs().max() <= BRIGHTNESS
