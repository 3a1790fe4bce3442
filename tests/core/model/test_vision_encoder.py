"""A timm vision transformer as image tokens."""

from __future__ import annotations

import pytest
import torch

from core.errors import ConfigError
from core.model.vision_encoder import VisionEncoder

NAME = "vit_tiny_patch16_224"


@pytest.fixture(scope="module")
def encoder() -> VisionEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(2)
        return VisionEncoder(NAME, image_size=32).requires_grad_(False).eval()


@pytest.mark.parametrize(
    ("name", "message"), [("no_such_model", "timm knows no model"), ("resnet18", "vision transformer")]
)
def test_a_name_that_is_no_vision_transformer_is_refused(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        VisionEncoder(name)


def test_the_encoders_own_normalisation_is_used(encoder: VisionEncoder) -> None:
    assert (encoder.mean, encoder.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    pixels = torch.tensor([0, 255], dtype=torch.uint8).repeat_interleave(3).reshape(1, 1, 2, 3)
    assert encoder.normalise(pixels).flatten(1).tolist() == [[-1.0, 1.0] * 3]


def test_pixels_are_normalised_per_channel(encoder: VisionEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "mean", (0.5, 0.2, 0.1))
    monkeypatch.setattr(encoder, "std", (0.5, 0.25, 0.1))
    pixels = torch.zeros(1, 4, 4, 3, dtype=torch.uint8)
    pixels[0, 1, 2] = torch.tensor([255, 51, 102], dtype=torch.uint8)
    normalised = encoder.normalise(pixels)
    assert normalised.shape == (1, 3, 4, 4)
    torch.testing.assert_close(normalised[0, :, 1, 2], torch.tensor([1.0, 0.0, 3.0]), atol=1e-5, rtol=0)
    torch.testing.assert_close(normalised[0, :, 0, 0], torch.tensor([-1.0, -0.8, -1.0]), atol=1e-5, rtol=0)


def test_image_tokens_are_the_class_token_and_the_patches(encoder: VisionEncoder) -> None:
    with torch.inference_mode():
        tokens = encoder(torch.zeros(2, 3, 32, 32))
    assert tokens.shape == (2, 5, encoder.width)


def test_patches_follow_row_by_row(encoder: VisionEncoder) -> None:
    """What the attention map relies on: a change in one patch of the photo is a change in that patch's token."""
    vit = encoder.vit
    for row in range(2):
        for column in range(2):
            pixels = torch.zeros(1, 3, 32, 32)
            pixels[:, :, row * 16 : row * 16 + 16, column * 16 : column * 16 + 16] = 1
            with torch.inference_mode():
                patches = vit.patch_embed(pixels).reshape(4, -1) - vit.patch_embed(0 * pixels).reshape(4, -1)
            assert [bool(patch.any()) for patch in patches] == [index == 2 * row + column for index in range(4)]
