"""Small encoders, their weights in files of every kind, and what a file that doesn't fit is answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import Tensor

from core.errors import ModelFileError
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder

NAME, SIZE = "test_vit", 32
"""timm's own vision transformer for tests: 6 blocks of width 64, patches of 16 pixels."""


def new_encoder(seed: int, *, image_size: int = SIZE) -> VisionEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        encoder = VisionEncoder(NAME, image_size=image_size)
        for parameter in encoder.parameters():  # norms and biases too: fresh ones are all alike
            torch.nn.init.normal_(parameter, std=0.02)
    return encoder.requires_grad_(False).eval()


def holds(encoder: VisionEncoder, weights: dict[str, Tensor]) -> bool:
    own = encoder.vit.state_dict()
    return own.keys() == weights.keys() and all(torch.equal(own[name], weights[name]) for name in own)


def refusal(encoder: VisionEncoder, source: str | Path, kind: type[Exception] = ModelFileError) -> str:
    """The sentence that refuses a source; the encoder is unchanged."""
    before = {name: tensor.clone() for name, tensor in encoder.vit.state_dict().items()}
    with pytest.raises(kind) as caught:
        load_encoder_weights(encoder, str(source))
    assert holds(encoder, before)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def save_safetensors(content: dict[str, Tensor], path: Path) -> None:
    safetensors.torch.save_file(content, path)


def save_old(content: Any, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


SAVERS: list[Callable[[Any, Path], None]] = [torch.save, save_old, save_safetensors]
