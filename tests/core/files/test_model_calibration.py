"""A calibration written into a model file changes nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
import torch

from core.config import ModelConfig, SpinConfig
from core.errors import ModelFileError
from core.files.checkpoint import load_model, save_model
from core.files.model_calibration import update_calibration, write_calibration
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer

CALIBRATION = {"spin": SpinConfig(keep=3, alpha=0.1).to_dict(), "goal": "fewest invented objects", "chair_i_off": 22.8}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train_bpe(["a dog runs in the snow", "USER: what is it ASSISTANT: a café"] * 5, vocabulary_size=300)


@pytest.fixture(scope="module")
def small(tokenizer: Tokenizer) -> VisionLanguageModel:
    return VisionLanguageModel(ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, image_size=32, width=16, layers=1, heads=4, feed_forward_width=16,
    )).eval()


def parts(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Metadata and weights, read by the formats' own libraries."""
    if path.suffix == ".pth":
        content = torch.load(path, weights_only=True)
        return content["metadata"], content["weights"]
    with safetensors.safe_open(path, "pt") as file:
        return file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
@pytest.mark.parametrize("calibration", [CALIBRATION, {"spin": None, "goal": "caf\u00e9"}])
def test_only_the_calibration_changes(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str, calibration: dict[str, object]
) -> None:
    path = tmp_path / f"model{suffix}"
    save_model(path, small, tokenizer, metrics={"cider_d": 30.5}, recipe={"seed": 1})
    metadata, weights = (dict(part) for part in parts(path))
    weights = {name: tensor.clone() for name, tensor in weights.items()}
    write_calibration(path, calibration)
    write_calibration(path, calibration)  # again over one that is there
    assert load_model(path).calibration == calibration
    after, same = parts(path)
    assert {**after, "calibration": ""} == {**metadata, "calibration": ""}
    assert list(same) == list(weights)
    for name, tensor in weights.items():
        assert tensor.dtype == same[name].dtype
        assert tensor.numpy().tobytes() == same[name].numpy().tobytes(), name
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_failed_write_leaves_the_file(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"model{suffix}"
    save_model(path, small, tokenizer, metrics={}, recipe={})
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.files.atomic_file.os.fsync", full)
    with pytest.raises(ModelFileError, match="no space left on device"):
        write_calibration(path, CALIBRATION)
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


def test_what_is_no_model_is_left_alone(tmp_path: Path) -> None:
    for name, content in (("a.safetensors", b"no model at all"), ("b.pth", b"PK\x03\x04nothing")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ModelFileError):
            write_calibration(path, CALIBRATION)
        assert path.read_bytes() == content
    torch.save({"weights": {}}, tmp_path / "c.pth")
    with pytest.raises(ModelFileError, match="not a model of SpinVLM"):
        write_calibration(tmp_path / "c.pth", CALIBRATION)
    with pytest.raises(ModelFileError, match="There is no file"):
        write_calibration(tmp_path / "none.safetensors", CALIBRATION)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_what_is_not_measured_again_stays(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, suffix: str
) -> None:
    path = tmp_path / f"model{suffix}"
    save_model(path, small, tokenizer, metrics={}, recipe={})
    update_calibration(path, {"certainty": {"questions": 3}})
    assert load_model(path).calibration == {"certainty": {"questions": 3}}
    update_calibration(path, CALIBRATION)
    assert load_model(path).calibration == {**CALIBRATION, "certainty": {"questions": 3}}
    update_calibration(path, {"certainty": {"questions": 4}})
    assert load_model(path).calibration == {**CALIBRATION, "certainty": {"questions": 4}}
    update_calibration(path, {"spin": None, "goal": "best F1"})
    assert load_model(path).calibration == {"spin": None, "goal": "best F1", "certainty": {"questions": 4}}
