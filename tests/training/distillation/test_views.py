from __future__ import annotations

import torch

from training.distillation.views import WHOLE, cut_out, inside, random_boxes, recolour


def ramp(size: int) -> torch.Tensor:
    """[1, 2, size, size]: how far right, and how far down, from -1 to 1 at the edges."""
    places = (torch.arange(size) + 0.5) / size * 2 - 1
    return torch.stack([places.expand(size, size), places[:, None].expand(size, size)])[None]


def test_the_whole_photo_is_a_box_like_others() -> None:
    photo = torch.rand(1, 3, 16, 16)
    assert torch.allclose(cut_out(photo, torch.tensor([WHOLE]), 16), photo, atol=1e-6)


def test_a_box_holds_its_own_part() -> None:
    part = cut_out(ramp(64), torch.tensor([[0.5, -0.25, 0.25, 0.5]]), 4)[0]
    assert torch.allclose(part[0, 0], 0.5 + 0.25 * torch.tensor([-0.75, -0.25, 0.25, 0.75]), atol=1e-5)
    assert torch.allclose(part[1, :, 0], -0.25 + 0.5 * torch.tensor([-0.75, -0.25, 0.25, 0.75]), atol=1e-5)


def test_a_box_in_a_box_is_what_is_cut_out_twice() -> None:
    outer = torch.tensor([[0.2, -0.1, 0.6, 0.7]])
    inner = torch.tensor([[-0.3, 0.2, -0.5, 0.6]])  # mirrored
    twice = cut_out(cut_out(ramp(128), outer, 128), inner, 8)
    once = cut_out(ramp(128), inside(outer, inner), 8)
    assert torch.allclose(once, twice, atol=1e-3)
    assert once[0, 0, 0, 0] > once[0, 0, 0, -1]


def test_random_boxes_lie_in_the_photo_and_are_not_too_small() -> None:
    boxes = random_boxes(500, smallest=0.3, mirror=True, generator=torch.Generator().manual_seed(0))
    half = boxes[:, 2:].abs()
    assert ((boxes[:, :2].abs() + half) <= 1 + 1e-6).all()
    assert half.prod(1).min() > 0.2  # a long one that didn't fit is cut off
    assert 0.3 < (boxes[:, 2] < 0).float().mean() < 0.7
    again = random_boxes(500, smallest=0.3, mirror=True, generator=torch.Generator().manual_seed(0))
    assert torch.equal(boxes, again)


def test_colours_change_but_keep_within_what_pixels_are() -> None:
    pixels = torch.rand(8, 3, 8, 8) * 255
    changed = recolour(pixels, generator=torch.Generator().manual_seed(0))
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert not torch.equal(changed, pixels)
