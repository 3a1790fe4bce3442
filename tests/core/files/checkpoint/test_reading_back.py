"""What was saved in a model file comes back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.files.checkpoint import load_model, read_model_info, save_model
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from tests.core.files.checkpoint.model_files import (
    CALIBRATION,
    METRICS,
    RECIPE,
    SUFFIXES,
    Content,
    Saved,
    with_first_weight,
    write,
)

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("precision", ["float16", "float32"])
def test_what_was_saved_is_loaded(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str, precision: Any
) -> None:
    path = tmp_path / f"model.{suffix}"
    save_model(
        path, small, tokenizer, metrics=METRICS, recipe=RECIPE, calibration=CALIBRATION, precision=precision
    )
    file = load_model(path)
    assert (file.path, file.config, file.metrics, file.recipe, file.calibration) == (
        path, small.config, METRICS, RECIPE, CALIBRATION,
    )
    assert file.precision == precision
    assert file.tokenizer.to_json() == tokenizer.to_json()
    assert not file.model.training
    assert not any(tensor.is_meta for tensor in (*file.model.parameters(), *file.model.buffers()))
    assert {tensor.dtype for tensor in file.model.state_dict().values()} == {torch.float32}
    dtype = getattr(torch, precision)
    for name, tensor in small.state_dict().items():
        assert torch.equal(file.model.state_dict()[name], tensor.to(dtype).float()), name


def hidden_states(model: VisionLanguageModel, pixels: Tensor) -> Tensor:
    question = torch.tensor([[[5, 6, 7]]])
    with torch.inference_mode():
        memory = model.keys_values(model.memory(model.encode_image(pixels), question, question < 0))
        return model.decode(torch.tensor([[[3, 8]]]), memory).hidden


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_loaded_model_computes_the_same(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str
) -> None:
    path = tmp_path / f"m.{suffix}"
    save_model(path, small, tokenizer, metrics={}, recipe={}, precision="float32")
    pixels = torch.rand(1, 3, 32, 32)
    assert torch.equal(hidden_states(load_model(path).model, pixels), hidden_states(small, pixels))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_description_alone(saved: Saved, small: VisionLanguageModel, suffix: str) -> None:
    path = saved.path(suffix)
    info = read_model_info(path)
    assert info == load_model(path).info
    assert (info.config, info.metrics, info.recipe, info.calibration) == (small.config, METRICS, RECIPE, CALIBRATION)
    assert info.created.endswith("+00:00")
    assert info.tokenizer_json not in repr(info)


def test_the_description_needs_no_torch(saved: Saved) -> None:
    code = (
        "import sys; from pathlib import Path; from core.files.model_info import *\n"
        "path = Path(sys.argv[1]); print(parse_metadata(path, read_header(path)).config.layers, 'torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(saved.path("safetensors"))], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert result.stdout.split() == ["2", "False"]


def test_the_kind_follows_from_the_content_and_not_the_suffix(saved: Saved, tmp_path: Path) -> None:
    swapped = {"safetensors": "pth", "pth": "safetensors"}
    hashes = set[str]()
    for suffix in SUFFIXES:
        path = tmp_path / f"swapped.{swapped[suffix]}"
        path.write_bytes(saved.path(suffix).read_bytes())
        hashes |= {load_model(path).content_hash, load_model(saved.path(suffix)).content_hash}
        assert read_model_info(path).metrics == METRICS
    assert len(hashes) == 1


def test_models_with_other_weights_have_another_hash(
    saved: Saved, tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer
) -> None:
    file = load_model(saved.path("safetensors"))
    other = with_first_weight(small, float(small.segment[0, 0]) + 1)
    save_model(tmp_path / "other.safetensors", other, tokenizer, metrics=METRICS, recipe=RECIPE)
    assert load_model(tmp_path / "other.safetensors").content_hash != file.content_hash
    assert len(file.content_hash) == 64


def test_without_calibration(tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer) -> None:
    save_model(tmp_path / "m.pth", small, tokenizer, metrics={}, recipe={})
    assert load_model(tmp_path / "m.pth").calibration is None


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("precision", ["float16", "float32"])
def test_a_loaded_model_needs_its_file_no_longer(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str, precision: Any
) -> None:
    path = tmp_path / f"model.{suffix}"
    save_model(path, small, tokenizer, metrics={}, recipe={}, precision=precision)
    file = load_model(path)
    before = {name: tensor.clone() for name, tensor in file.model.state_dict().items()}
    # In place and of the same length: what lies in the file changes under a mapping of it.
    with path.open("r+b") as raw:
        raw.write(b"\x55" * path.stat().st_size)
    for name, tensor in file.model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_files_of_the_first_version_stay_readable(tmp_path: Path, content: Content) -> None:
    """The names that files of version 1 have from the beginning; those that came later may be missing."""
    metadata = {name: value for name, value in content[0].items() if name not in ("program_version", "created")}
    assert set(metadata) == {"format", "format_version", "config", "tokenizer", "metrics", "recipe", "calibration"}
    assert load_model(write(tmp_path / "m.safetensors", metadata, content[1])).info.program_version == ""
