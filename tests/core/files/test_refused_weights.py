"""Files that hold no weights that fit get a sentence, and run no code."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.model.vision_encoder import VisionEncoder
from tests.core.files.encoder_files import SAVERS, SIZE, refusal, save_old, save_safetensors


def test_files_that_are_no_weights(tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "w.pth"
    assert "There is no encoder file" in refusal(encoder, path)
    assert "one of bundled, pretrained, random" in refusal(encoder, "bundeld")
    assert "is a folder" in refusal(encoder, tmp_path)
    path.touch()
    assert "is empty" in refusal(encoder, path)
    path.write_text("Dear Sir or Madam, enclosed please find no weights at all.")
    assert "is not a model file" in refusal(encoder, path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir or Madam")
    assert "ZIP archive without a model" in refusal(encoder, path)
    for content in ([1, 2], {}, torch.zeros(3), {"state_dict": {}}):
        torch.save(content, path)
        assert "holds no weights" in refusal(encoder, path)
    for content in ({"a": "text"}, {3: torch.zeros(2)}, {"a": torch.zeros(2, device="meta")}):
        torch.save(content, path)
        assert "holds something other than weights" in refusal(encoder, path)


@pytest.mark.parametrize("save", SAVERS)
@pytest.mark.parametrize("share", [0.001, 0.01, 0.3, 0.99, 0.99999])
def test_cut_off(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], save: Callable[[Any, Path], None], share: float
) -> None:
    path = tmp_path / "w"
    save(weights, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert str(path) in refusal(encoder, path)


def test_the_first_problem_is_named(tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor]) -> None:
    path = tmp_path / "w.safetensors"

    def complaint(change: dict[str, Tensor | None]) -> str:
        save_safetensors({name: t for name, t in (weights | change).items() if t is not None}, path)
        sentence = refusal(encoder, path)
        assert str(path) in sentence
        return sentence

    assert "test_vit: the tensor blocks.2.norm1.bias is missing" in complaint({"blocks.2.norm1.bias": None})
    assert "norm.weight has shape [32] instead of [64]" in complaint({"norm.weight": torch.zeros(32)})
    assert "blocks.6.norm1.bias too many" in complaint({"blocks.6.norm1.bias": torch.zeros(64)})
    broken = weights["norm.weight"].clone()
    broken[3] = torch.inf
    assert "norm.weight holds values that are not numbers" in complaint({"norm.weight": broken})
    assert "test_vit" in complaint({"pos_embed": torch.zeros(1, 3, 64)})
    save_safetensors(dict(VisionEncoder("vit_tiny_patch16_224", image_size=SIZE).vit.state_dict()), path)
    assert "doesn't fit test_vit: the tensor cls_token has shape [1, 1, 192] instead of [1, 1, 64]" in refusal(
        encoder, path
    )


class Intruder:
    """Creates a folder when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("save", [torch.save, save_old])
def test_no_code_is_run(
    tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], save: Callable[[Any, Path], None]
) -> None:
    path, trace = tmp_path / "w.pth", tmp_path / "trace"
    for content in (Intruder(trace), {"state_dict": weights, "more": Intruder(trace)}, encoder.vit):
        save(content, path)
        assert "can run code" in refusal(encoder, path)
    assert not trace.exists()
