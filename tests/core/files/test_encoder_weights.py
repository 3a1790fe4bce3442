"""Initial encoder weights from every kind of file, and from models."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.config import ModelConfig
from core.files import encoder_weights
from core.files.bundled_models import BundledModel
from core.files.checkpoint import save_model
from core.files.encoder_weights import EncoderSource, load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from tests.core.files.encoder_files import NAME, SAVERS, SIZE, holds, new_encoder, refusal, save_safetensors


@pytest.mark.parametrize("save", SAVERS)
@pytest.mark.parametrize("suffix", [".pth", ".pt", ".safetensors", ".bin", ""])
def test_a_file_of_any_kind_and_name(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], save: Callable[[Any, Path], None], suffix: str
) -> None:
    path = tmp_path / f"weights{suffix}"
    save(weights, path)
    source = load_encoder_weights(encoder, str(path))
    assert source == EncoderSource("file", path.name)
    assert str(source) == f"the file {path.name}"
    assert holds(encoder, weights)


def test_the_classifier_is_left_out(tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor]) -> None:
    save_safetensors(
        weights | {"head.weight": torch.zeros(10, 64), "head.bias": torch.zeros(10)}, tmp_path / "w.safetensors"
    )
    load_encoder_weights(encoder, str(tmp_path / "w.safetensors"))
    assert holds(encoder, weights)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], dtype: torch.dtype
) -> None:
    torch.save({name: tensor.to(dtype) for name, tensor in weights.items()}, tmp_path / "w.pth")
    load_encoder_weights(encoder, str(tmp_path / "w.pth"))
    assert holds(encoder, {name: tensor.to(dtype).float() for name, tensor in weights.items()})


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda w: {"model": w},
        lambda w: {"state_dict": w, "epoch": 7, "args": argparse.Namespace(lr=0.1), "optimizer": {"state": {}}},
        lambda w: {"state_dict": {name: tensor + 1 for name, tensor in w.items()}, "state_dict_ema": w},
        lambda w: {"model": {"state_dict": w}},
        lambda w: {"module." + name: tensor for name, tensor in w.items()},
        lambda w: {name: torch.nn.Parameter(tensor) for name, tensor in w.items()},
    ],
)
def test_wrappings_of_trainers(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], wrapped: Callable[[dict[str, Tensor]], Any]
) -> None:
    torch.save(wrapped(weights), tmp_path / "w.pth")
    load_encoder_weights(encoder, str(tmp_path / "w.pth"))
    assert holds(encoder, weights)


@pytest.mark.parametrize("image_size", [64, 48])
def test_positions_of_another_image_size_are_resampled(
    tmp_path: Path, encoder: VisionEncoder, image_size: int
) -> None:
    other = dict(new_encoder(3, image_size=image_size).vit.state_dict())
    # A constant field of positions stays one, whatever its grid.
    other["pos_embed"][:, 1:] = 0.25
    save_safetensors(other, tmp_path / "w.safetensors")
    load_encoder_weights(encoder, str(tmp_path / "w.safetensors"))
    positions = encoder.vit.state_dict()["pos_embed"]
    assert positions.shape == (1, 5, 64)
    torch.testing.assert_close(positions[:, :1], other["pos_embed"][:, :1])
    torch.testing.assert_close(positions[:, 1:], torch.full((1, 4, 64), 0.25))
    assert torch.equal(encoder.vit.state_dict()["norm.weight"], other["norm.weight"])


@pytest.mark.parametrize("save", [torch.save, save_safetensors])
def test_the_encoder_needs_its_file_no_longer(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], save: Callable[[Any, Path], None]
) -> None:
    path = tmp_path / "w"
    save(weights, path)
    load_encoder_weights(encoder, str(path))
    with path.open("r+b") as raw:
        raw.write(b"\x55" * path.stat().st_size)
    assert holds(encoder, weights)


def test_random_leaves_the_weights_as_they_are(encoder: VisionEncoder) -> None:
    before = {name: tensor.clone() for name, tensor in encoder.vit.state_dict().items()}
    assert str(load_encoder_weights(encoder, "random")) == "random initial weights of test_vit"
    assert holds(encoder, before)


# The original authors' layout.


def npz_arrays(weights: dict[str, Tensor], *, heads: int = 2) -> dict[str, np.ndarray[Any, Any]]:
    """timm's weights as the original JAX code names and shapes them."""
    w = {name: tensor.numpy() for name, tensor in weights.items()}
    width = w["cls_token"].shape[-1]
    arrays = {
        "cls": w["cls_token"],
        "embedding/kernel": w["patch_embed.proj.weight"].transpose(2, 3, 1, 0),
        "embedding/bias": w["patch_embed.proj.bias"],
        "Transformer/posembed_input/pos_embedding": w["pos_embed"],
        "Transformer/encoder_norm/scale": w["norm.weight"],
        "Transformer/encoder_norm/bias": w["norm.bias"],
    }
    for block in {int(name.split(".")[1]) for name in w if name.startswith("blocks.")}:
        ours, theirs = f"blocks.{block}.", f"Transformer/encoderblock_{block}/"
        attention = theirs + "MultiHeadDotProductAttention_1/"
        for index, part in enumerate(("query", "key", "value")):
            rows = slice(index * width, (index + 1) * width)
            arrays[attention + part + "/kernel"] = w[ours + "attn.qkv.weight"][rows].T.reshape(width, heads, -1)
            arrays[attention + part + "/bias"] = w[ours + "attn.qkv.bias"][rows].reshape(heads, -1)
        arrays[attention + "out/kernel"] = w[ours + "attn.proj.weight"].T.reshape(heads, -1, width)
        arrays[attention + "out/bias"] = w[ours + "attn.proj.bias"]
        for index in (0, 1):
            arrays[f"{theirs}LayerNorm_{2 * index}/scale"] = w[f"{ours}norm{index + 1}.weight"]
            arrays[f"{theirs}LayerNorm_{2 * index}/bias"] = w[f"{ours}norm{index + 1}.bias"]
            arrays[f"{theirs}MlpBlock_3/Dense_{index}/kernel"] = w[f"{ours}mlp.fc{index + 1}.weight"].T
            arrays[f"{theirs}MlpBlock_3/Dense_{index}/bias"] = w[f"{ours}mlp.fc{index + 1}.bias"]
    return arrays


def test_the_original_layout(tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor]) -> None:
    np.savez(tmp_path / "w.npz", **npz_arrays(weights))
    load_encoder_weights(encoder, str(tmp_path / "w.npz"))
    assert holds(encoder, weights)


def test_an_npz_that_doesnt_fit(tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "w.npz"
    arrays = npz_arrays(weights)
    np.savez(path, **{name: value for name, value in arrays.items() if "encoderblock_5" not in name})
    assert "holds no weights that fit test_vit" in refusal(encoder, path)
    deeper = {name.replace("encoderblock_0", "encoderblock_6"): value for name, value in arrays.items()}
    np.savez(path, **(arrays | deeper))
    assert "more than 6 blocks" in refusal(encoder, path)
    np.savez(path, a=np.zeros(3))
    assert "holds no weights that fit test_vit" in refusal(encoder, path)
    # An array of Python objects is a pickle.
    np.savez(path, **(arrays | {"cls": np.array([{"a": 1}], dtype=object)}))
    assert "holds no weights that fit test_vit" in refusal(encoder, path)
    np.savez(path, **(arrays | {"cls": np.full((1, 1, 64), np.nan, np.float32)}))
    assert "cls_token holds values that are not numbers" in refusal(encoder, path)


# This program's own models.


@pytest.fixture(scope="module")
def own_model() -> tuple[VisionLanguageModel, Tokenizer]:
    tokenizer = Tokenizer.train_bpe(["a dog"], vocabulary_size=262)
    config = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, encoder_name=NAME, encoder_width=64, image_size=SIZE, width=16,
        layers=1, heads=2, feed_forward_width=16, max_question_tokens=4, max_answer_tokens=4,
    )
    return VisionLanguageModel(config), tokenizer


def halved_encoder(model: VisionLanguageModel) -> dict[str, Tensor]:
    return {name: tensor.half().float() for name, tensor in model.encoder.vit.state_dict().items()}


@pytest.mark.parametrize("suffix", ["safetensors", "pth"])
def test_the_encoder_of_a_model_file(
    tmp_path: Path, encoder: VisionEncoder, own_model: tuple[VisionLanguageModel, Tokenizer], suffix: str
) -> None:
    path = tmp_path / f"m.{suffix}"
    save_model(path, *own_model, metrics={}, recipe={})
    load_encoder_weights(encoder, str(path))
    assert holds(encoder, halved_encoder(own_model[0]))


def test_the_bundled_encoder(
    tmp_path: Path, encoder: VisionEncoder, own_model: tuple[VisionLanguageModel, Tokenizer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of the bundled models the one with such an encoder gives it, also where it isn't the first."""
    path, first = tmp_path / "second.safetensors", tmp_path / "first.safetensors"
    save_model(path, *own_model, metrics={}, recipe={})
    tokenizer = own_model[1]
    sizes = replace(own_model[0].config, encoder_name="test_vit4", encoder_width=96)
    save_model(first, VisionLanguageModel(sizes), tokenizer, metrics={}, recipe={})
    models = tuple(BundledModel(path.stem, path) for path in (first, path))
    monkeypatch.setattr(encoder_weights, "bundled_models", lambda: models)
    assert str(load_encoder_weights(encoder, "bundled")) == "the test_vit that comes with the program"
    assert holds(encoder, halved_encoder(own_model[0]))
    other = VisionEncoder("test_vit2", image_size=SIZE)
    assert "is a test_vit2 (there are: test_vit, test_vit4)" in refusal(other, "bundled")
