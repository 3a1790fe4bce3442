"""Weights of convolutional networks, which have statistics besides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from core.config import ModelConfig
from core.errors import ModelFileError
from core.files.checkpoint import load_model, save_model
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer


def batch_norm_net(seed: int) -> VisionEncoder:
    """A convolutional network whose statistics differ from norm to norm."""
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        encoder = VisionEncoder("tf_efficientnet_lite0", image_size=64)
        for name, tensor in encoder.vit.state_dict().items():
            if name.endswith("num_batches_tracked"):
                tensor.fill_(123_456)  # too large for a float16
            elif "running" in name or "bn" in name:
                torch.nn.init.uniform_(tensor, 0.5, 1.5)
    return encoder.requires_grad_(False).eval()


def package_name(name: str, net: Any) -> str | None:
    """A tensor's name in efficientnet-pytorch, from timm's; None for the classifier."""
    outer = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1"}
    parts = name.split(".")
    if parts[0] != "blocks":
        return ".".join([outer[parts[0]], *parts[1:]]) if parts[0] in outer else None
    stage, block, layer, kind = int(parts[1]), int(parts[2]), parts[3], parts[4]
    number = sum(len(net.blocks[earlier]) for earlier in range(stage)) + block
    expands = stage > 0  # an EfficientNet's first block is the only one that doesn't widen
    wide = {"conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1", "conv_pwl": "_project_conv",
            "bn3": "_bn2"}
    narrow = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    return f"_blocks.{number}.{(wide if expands else narrow)[layer]}.{kind}"


@pytest.mark.parametrize("names", ["timm", "efficientnet-pytorch"])
def test_a_convolutional_networks_weights_are_read_under_either_name(names: str, tmp_path: Path) -> None:
    other, encoder, path = batch_norm_net(2), batch_norm_net(3), tmp_path / "net.safetensors"
    weights = {
        name if names == "timm" else package_name(name, other.vit): tensor for name, tensor in other.vit.state_dict().items()
    }
    classifier = {"_fc.weight" if names != "timm" else "classifier.weight": torch.ones(3, 1280)}
    safetensors.torch.save_file({str(name): tensor for name, tensor in weights.items()} | classifier, path)
    load_encoder_weights(encoder, str(path))
    own, expected = encoder.vit.state_dict(), other.vit.state_dict()
    assert all(torch.equal(own[name], expected[name]) for name in own if not name.endswith("num_batches_tracked"))


def test_a_convolutional_networks_model_file_stays_in_half_precision(tmp_path: Path) -> None:
    weights, path = tmp_path / "net.safetensors", tmp_path / "model.safetensors"
    safetensors.torch.save_file(dict(batch_norm_net(4).vit.state_dict()), weights)
    tokenizer = Tokenizer.train_bpe(["a dog", "a cat"], vocabulary_size=300)
    model = VisionLanguageModel(ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, encoder_name="tf_efficientnet_lite0", image_size=64, patch_size=32,
        encoder_width=1280, width=32, layers=1, heads=2, feed_forward_width=32,
    )).eval()
    load_encoder_weights(model.encoder, str(weights))
    save_model(path, model, tokenizer, metrics={}, recipe={})
    loaded = load_model(path)
    assert (loaded.precision, loaded.config.grid_side) == ("float16", 2)
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        difference = loaded.model.encode_image(pixels) - model.encode_image(pixels)
    assert float(difference.abs().mean()) < 0.01
    assert {name: tensor.dtype for name, tensor in loaded.model.state_dict().items()} == {
        name: tensor.dtype for name, tensor in model.state_dict().items()
    }


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    encoder, path = batch_norm_net(5), tmp_path / "net.safetensors"
    before = {name: tensor.clone() for name, tensor in encoder.vit.state_dict().items()}
    safetensors.torch.save_file({"_blocks.99._bn1.weight": torch.ones(3)}, path)
    with pytest.raises(ModelFileError, match="holds no weights that fit tf_efficientnet_lite0"):
        load_encoder_weights(encoder, str(path))
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.vit.state_dict().items())
