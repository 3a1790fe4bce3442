"""A timm backbone as image tokens."""

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
    ("name", "size", "message"),
    [
        ("no_such_model", 224, "timm knows no model"), ("mixer_s32_224", 224, "mixer_s32_224 gives no feature map"),
        ("resnet18", 80, "into 3 x 3 cells; choose an image size"),
    ],
)
def test_a_backbone_without_a_place_for_each_token_is_refused(name: str, size: int, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        VisionEncoder(name, image_size=size)


@pytest.mark.parametrize(
    ("name", "size", "side", "width"),
    [("tf_efficientnet_lite0", 96, 3, 1280), ("test_convnext", 64, 2, 64), ("test_mambaout", 96, 3, 64)],
)
def test_a_feature_map_is_read_row_by_row_with_its_mean_first(name: str, size: int, side: int, width: int) -> None:
    """MambaOut gives its channels last, the others first."""
    encoder = VisionEncoder(name, image_size=size).requires_grad_(False).eval()
    assert (encoder.gives_map, encoder.width, encoder.patch_size) == (True, width, size // side)
    pixels = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        tokens, features = encoder(pixels), encoder.vit.forward_features(pixels)
    assert tokens.shape == (1, 1 + side**2, width)
    features = features if features.shape[1] == width else features.permute(0, 3, 1, 2)
    for row in range(side):
        for column in range(side):
            torch.testing.assert_close(tokens[0, 1 + row * side + column], features[0, :, row, column])
    torch.testing.assert_close(tokens[0, 0], features[0].mean((1, 2)), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(("name", "prefix"), [("test_vit2", 1), ("test_vit4", 1)])
def test_without_a_class_token_the_mean_of_the_patches_takes_its_place(name: str, prefix: int) -> None:
    """These models begin with register tokens, which stand for no place."""
    encoder = VisionEncoder(name, image_size=32).requires_grad_(False).eval()
    pixels = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(6))
    with torch.inference_mode():
        tokens, features = encoder(pixels), encoder.vit.forward_features(pixels)
    assert (features.shape[1], tokens.shape[1]) == (prefix + 4, 1 + 4)
    torch.testing.assert_close(tokens[:, 1:], features[:, prefix:])
    torch.testing.assert_close(tokens[:, 0], features[:, prefix:].mean(1))


def test_batch_norms_keep_their_statistics_while_everything_else_trains() -> None:
    encoder = VisionEncoder("test_efficientnet", image_size=64).train()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    encoder(torch.randn(2, 3, 64, 64)).sum().backward()
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.state_dict().items())
    assert encoder.training
    assert all(parameter.grad is not None for parameter in encoder.parameters())


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
