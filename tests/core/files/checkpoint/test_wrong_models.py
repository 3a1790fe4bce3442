"""Whole model files whose description or weights are wrong get one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.files.checkpoint import read_model_info
from tests.core.files.checkpoint.model_files import SUFFIXES, Content, refusal, write


def changed(metadata: dict[str, str], name: str, value: Any) -> dict[str, str]:
    config = json.loads(metadata["config"])
    return metadata | {"config": json.dumps(config | {name: value})}


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("part", "value", "complaint"),
    [
        ("format", "other", "not a model of SpinVLM"),
        ("format_version", "2", "was made by a newer version of SpinVLM; please update"),
        ("format_version", "two", "version"),
        ("format_version", None, "version"),
        ("config", None, "no config"),
        ("config", "{}", "vocabulary_size"),
        ("config", "[1]", "config is not a JSON object"),
        ("config", "{", "config is not JSON"),
        ("config", "[" * 100_000, "config is not JSON"),
        ("config", '{"vocabulary_size": 0}', "at least 1"),
        ("config", '{"vocabulary_size": 9, "eyes": 2}', "unknown settings: eyes"),
        ("tokenizer", None, "no tokenizer"),
        ("tokenizer", "{}", "tokenizer"),
        ("metrics", "7", "metrics is not a JSON object"),
        ("recipe", "x", "recipe is not JSON"),
        ("calibration", "[]", "calibration is not a JSON object"),
    ],
)
def test_a_wrong_description(
    tmp_path: Path, content: Content, suffix: str, part: str, value: str | None,
    complaint: str,
) -> None:
    metadata, weights = dict(content[0]), content[1]
    if value is None:
        del metadata[part]
    else:
        metadata[part] = value
    path = write(tmp_path / f"m.{suffix}", metadata, weights)
    assert complaint in refusal(path)
    if part != "tokenizer" or value is None:
        assert complaint in refusal(path, read_model_info)


def test_a_description_that_is_no_text(tmp_path: Path, content: Content) -> None:
    metadata: dict[str, Any] = {**content[0], "created": torch.zeros(2)}
    assert "not text" in refusal(write(tmp_path / "m.pth", metadata, content[1]))


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("encoder_name", "vit_of_nobody", "vit_of_nobody"),
        ("encoder_name", "hf-hub:someone/something", "hf-hub"),
        ("encoder_name", "resnet18", "resnet18"),
        ("encoder_name", ["test_vit"], "can't be built"),
        ("encoder_width", 192, "width 64"),
        ("layers", 10**9, "1000000000 layers"),
        ("layers", 3, "decoder.layers.2"),
        ("layers", 1, "unknown tensor decoder.layers.1"),
        ("width", 32, "shape"),
        ("width", 2**60, "can't be built"),
        ("max_answer_tokens", 9, "decoder.position has shape [8, 16] instead of [9, 16]"),
        ("vocabulary_size", 271, "tokenizer knows"),
    ],
)
def test_a_description_of_another_model(
    tmp_path: Path, content: Content, name: str, value: Any, complaint: str
) -> None:
    path = write(tmp_path / "m.safetensors", changed(content[0], name, value), content[1])
    assert complaint in refusal(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_wrong_weights(tmp_path: Path, content: Content, suffix: str) -> None:
    metadata, weights = content
    path = tmp_path / f"m.{suffix}"

    def complaint(change: dict[str, Tensor | None]) -> str:
        merged = {name: tensor for name, tensor in (weights | change).items() if tensor is not None}
        return refusal(write(path, metadata, merged))

    assert "the tensor segment is missing" in complaint({"segment": None})
    assert "unknown tensor lm_head.weight" in complaint({"lm_head.weight": torch.zeros(2)})
    assert "segment has shape [3, 16] instead of [2, 16]" in complaint({"segment": torch.zeros(3, 16)})
    assert "segment is of type int64" in complaint({"segment": torch.zeros(2, 16, dtype=torch.int64)})
    for value in (float("nan"), float("inf"), -float("inf")):
        broken = weights["segment"].clone()
        broken[1, 15] = value
        assert "segment holds values that are not numbers" in complaint({"segment": broken})


@pytest.mark.parametrize("strange", [torch.zeros(2, 16).to_sparse(), torch.zeros(2, 16, device="meta"), "text", None])
def test_weights_that_are_no_plain_tensors(
    tmp_path: Path, content: Content, strange: Any
) -> None:
    path = write(tmp_path / "m.pth", content[0], content[1] | {"segment": strange})
    assert "segment is not a plain tensor" in refusal(path)
