"""What is written into a model file, and what is refused before a file that was there is replaced."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from core.files.checkpoint import load_model, save_model
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer
from tests.core.files.checkpoint.model_files import SUFFIXES, Content, Saved, refusal, with_first_weight
from tests.core.files.full_disk import room_for


def test_the_output_embedding_is_one_tensor_with_the_input_embedding(
    content: Content, small: VisionLanguageModel
) -> None:
    shape = small.token_embedding.weight.shape
    assert [name for name, tensor in content[1].items() if tensor.shape == shape] == ["token_embedding.weight"]


def test_pth_holds_plain_values_only(saved: Saved) -> None:
    with zipfile.ZipFile(saved.path("pth")) as archive:
        pickled = archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl")))
    assert b"core" not in pickled.replace(b"score", b"")
    assert b"nn.modules" not in pickled


def test_weights_too_large_for_half_precision_are_saved_in_single(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, caplog: pytest.LogCaptureFixture
) -> None:
    save_model(tmp_path / "m.safetensors", with_first_weight(small, 1e6), tokenizer, metrics={}, recipe={})
    file = load_model(tmp_path / "m.safetensors")
    assert file.precision == "float32"
    assert float(file.model.segment[0, 0]) == 1e6
    assert "float32" in caplog.text


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_broken_model_doesnt_replace_a_good_one(
    saved: Saved, tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, value: float
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(saved.path("safetensors").read_bytes())
    broken = with_first_weight(small, value)
    assert "segment" in refusal(path, lambda path: save_model(path, broken, tokenizer, metrics={}, recipe={}))
    assert path.read_bytes() == saved.path("safetensors").read_bytes()


def test_what_is_no_json_is_refused_before_anything_is_written(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(b"the old model")
    with pytest.raises(TypeError):
        save_model(path, small, tokenizer, metrics={"no json": object()}, recipe={})
    assert path.read_bytes() == b"the old model"


def test_a_foreign_tokenizer_isnt_saved(tmp_path: Path, small: VisionLanguageModel) -> None:
    other = Tokenizer.train_bpe(["b"], vocabulary_size=261)
    refused = refusal(tmp_path / "m.pth", lambda path: save_model(path, small, other, metrics={}, recipe={}))
    assert "261 tokens" in refused
    assert not os.listdir(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_leaves_the_old_model(
    saved: Saved, tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str
) -> None:
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(b"the old model")
    with room_for(100_000), pytest.raises(OSError, match="File too large"):
        save_model(path, small, tokenizer, metrics={}, recipe={})
    assert path.read_bytes() == b"the old model"
    assert os.listdir(tmp_path) == [path.name]
