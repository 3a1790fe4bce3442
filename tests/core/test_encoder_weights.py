from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn

from core.encoder_weights import load_encoder_weights
from core.errors import ConfigError, DownloadError, ModelFileError
from core.timm_import import import_timm
from core.vision_encoder import VisionEncoder

NAME = "vit_tiny_patch16_224"


@pytest.fixture(scope="module")
def source() -> dict[str, torch.Tensor]:
    """A state dict as timm gives it, with a classifier."""
    torch.manual_seed(1)
    return import_timm().create_model(NAME, pretrained=False, num_classes=10).state_dict()


def encoder(image_size: int = 224) -> VisionEncoder:
    torch.manual_seed(2)
    return VisionEncoder(NAME, image_size=image_size).eval()


def write(path: Path, weights: dict[str, Any]) -> Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(weights, path)
    else:
        torch.save(weights, path)
    return path


@pytest.mark.parametrize("name", ["e.safetensors", "e.pth", "wrapped.pth", "half.safetensors"])
def test_timms_files_fit(source: dict[str, torch.Tensor], tmp_path: Path, name: str) -> None:
    weights: dict[str, Any] = {"state_dict": source} if name == "wrapped.pth" else source
    if name.startswith("half"):
        weights = {key: tensor.half() for key, tensor in source.items()}
    target = encoder()
    load_encoder_weights(target, str(write(tmp_path / name, weights)))
    for key, tensor in target.vit.state_dict().items():
        expected = source[key].half().float() if name.startswith("half") else source[key]
        assert torch.equal(tensor, expected), key


def test_positions_are_fitted_to_another_image_size(source: dict[str, torch.Tensor], tmp_path: Path) -> None:
    target = encoder(image_size=96)
    load_encoder_weights(target, str(write(tmp_path / "e.safetensors", source)))
    assert target(torch.zeros(1, 3, 96, 96)).shape == (1, 37, 192)
    assert torch.equal(target.vit.state_dict()["blocks.3.mlp.fc1.weight"], source["blocks.3.mlp.fc1.weight"])


def test_random_leaves_the_encoder_as_it_is() -> None:
    target = encoder()
    before = {key: tensor.clone() for key, tensor in target.state_dict().items()}
    load_encoder_weights(target, "random")
    assert all(torch.equal(tensor, before[key]) for key, tensor in target.state_dict().items())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("small.safetensors", {"cls_token": torch.zeros(1, 1, 8)}, "doesn't fit|missing|don't fit"),
        ("narrow.pth", None, r"doesn't fit|don't fit"),
        ("text.pth", b"no weights at all", "no file that torch saved"),
        ("torn.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{", "damaged"),
        ("list.pth", [1, 2], "no weights"),
        ("module.pth", nn.Linear(2, 2), "run code"),
        ("wrong.npz", {"a": np.zeros(2)}, "no weights that fit"),
    ],
)
def test_files_that_do_not_fit_are_named_and_change_nothing(
    source: dict[str, torch.Tensor], tmp_path: Path, name: str, content: Any, message: str
) -> None:
    path = tmp_path / name
    if name == "narrow.pth":
        content = {key: tensor[..., :8] for key, tensor in source.items()}
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif path.suffix == ".npz":
        np.savez(path, **content)
    elif path.suffix == ".safetensors":
        safetensors.torch.save_file(content, path)
    else:
        torch.save(content, path)
    target = encoder()
    before = {key: tensor.clone() for key, tensor in target.state_dict().items()}
    with pytest.raises(ModelFileError, match=message) as caught:
        load_encoder_weights(target, str(path))
    assert "\n" not in str(caught.value)
    assert all(torch.equal(tensor, before[key]) for key, tensor in target.state_dict().items())


def test_a_missing_file_is_told() -> None:
    with pytest.raises(ModelFileError, match="no encoder file"):
        load_encoder_weights(encoder(), "nowhere/encoder.pth")


def test_a_download_without_a_network_says_what_to_do() -> None:
    with pytest.raises(DownloadError, match=r"could not be downloaded .*--encoder FILE, or use --encoder bundled"):
        load_encoder_weights(encoder(), "pretrained")


@pytest.mark.parametrize(("name", "message"), [("no_such_model", "timm knows no model"), ("resnet18", "vision transformer")])
def test_a_name_that_is_no_vision_transformer_is_refused(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        VisionEncoder(name)


def test_the_encoders_own_normalisation_is_used() -> None:
    target = encoder()
    assert (target.mean, target.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    pixels = torch.tensor([0, 255], dtype=torch.uint8).repeat_interleave(3).reshape(1, 1, 2, 3)
    assert target.normalise(pixels).flatten(1).tolist() == [[-1.0, 1.0] * 3]


def test_image_tokens_are_the_class_token_and_the_patches_row_by_row() -> None:
    target = encoder(image_size=32)
    with torch.inference_mode():
        tokens = target(torch.zeros(2, 3, 32, 32))
    assert tokens.shape == (2, 5, target.width)
