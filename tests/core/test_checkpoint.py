"""The model file: what goes in comes out, and every damaged file is refused with a sentence that names it."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from torch import nn

from core.checkpoint import load_model, read_model_info, save_model
from core.config import ModelConfig
from core.errors import ModelFileError
from core.tokenizer import Tokenizer
from core.vlm import VisionLanguageModel

METRICS = {"captions": {"SPIN off": {"cider_d": 41.5}}}
RECIPE = {"seed": 3, "history": [{"dev_loss": 2.5}]}
CALIBRATION = {"keep": 4, "alpha": 0.0}


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train_bpe(["a man in a red shirt rides a horse"] * 4, vocabulary_size=280)


@pytest.fixture(scope="module")
def small(tokenizer: Tokenizer) -> VisionLanguageModel:
    torch.manual_seed(0)
    sizes = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, image_size=32, width=16, layers=1, heads=2, feed_forward_width=32
    )
    return VisionLanguageModel(sizes).eval()


@pytest.fixture(scope="module", params=["model.safetensors", "vlm_spin_best_model.pth"])
def saved(
    request: pytest.FixtureRequest, small: VisionLanguageModel, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("models") / request.param
    save_model(path, small, tokenizer, metrics=METRICS, recipe=RECIPE, calibration=CALIBRATION)
    return path


def test_what_goes_in_comes_out(saved: Path, small: VisionLanguageModel, tokenizer: Tokenizer) -> None:
    file = load_model(saved)
    assert file.config == small.config
    assert (file.metrics, file.recipe, file.calibration) == (METRICS, RECIPE, CALIBRATION)
    assert file.tokenizer.to_json() == tokenizer.to_json()
    assert not file.model.training
    for name, tensor in small.state_dict().items():
        loaded = file.model.state_dict()[name]
        assert loaded.dtype == torch.float32
        assert torch.equal(loaded, tensor.half().float()), name


def test_single_precision_loses_nothing(small: VisionLanguageModel, tokenizer: Tokenizer, tmp_path: Path) -> None:
    save_model(tmp_path / "m.safetensors", small, tokenizer, metrics={}, recipe={}, precision="float32")
    loaded = load_model(tmp_path / "m.safetensors").model
    for name, tensor in small.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name
    pixels, question = torch.randn(1, 3, 32, 32), torch.tensor([[[5, 6, 7]]])
    with torch.inference_mode():
        for model in (small, loaded):
            memory = model.keys_values(model.memory(model.encode_image(pixels), question, question < 0))
            hidden = model.decode(torch.tensor([[[3, 8]]]), memory).hidden
            if model is small:
                expected = hidden
    assert torch.equal(hidden, expected)


def test_the_kind_of_file_is_told_by_its_content(saved: Path, tmp_path: Path) -> None:
    renamed = tmp_path / ("other.pth" if saved.suffix == ".safetensors" else "other.safetensors")
    renamed.write_bytes(saved.read_bytes())
    assert load_model(renamed).recipe == RECIPE


def test_the_description_needs_no_weights(saved: Path) -> None:
    info = read_model_info(saved)
    assert (info.metrics, info.recipe, info.calibration) == (METRICS, RECIPE, CALIBRATION)
    assert info.created.endswith("+00:00")


def test_the_plain_dict_holds_nothing_but_data(saved: Path) -> None:
    if saved.suffix == ".pth":
        content = torch.load(saved, weights_only=True)
        assert set(content) == {"metadata", "weights"}


def test_the_hash_is_the_content(saved: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(saved.read_bytes())
    assert load_model(copy).content_hash() == load_model(saved).content_hash()


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.floats(0, 0.999))
def test_a_truncated_file_is_refused(saved: Path, tmp_path: Path, part: float) -> None:
    content = saved.read_bytes()
    path = tmp_path / f"torn{saved.suffix}"
    path.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(ModelFileError, match="torn"):
        load_model(path)


class Harmful:
    """Unpickling it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")


FOREIGN: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a model at all, but a text of some length"),
    "zip": write_zip,
    "safetensors of something else": lambda path: path.write_bytes(safetensors.torch.save({"a": torch.zeros(2)})),
    "plain tensor": lambda path: torch.save(torch.zeros(3), path),
    "state dict": lambda path: torch.save({"a": torch.zeros(3)}, path),
    "whole module": lambda path: torch.save(nn.Linear(2, 2), path),
    "bare pickle": lambda path: path.write_bytes(pickle.dumps({"a": 1})),
    "folder": lambda path: path.mkdir(),
    "nothing": lambda path: None,
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_no_model_is_refused_in_one_sentence(make: Callable[[Path], object], tmp_path: Path) -> None:
    path = tmp_path / "foreign.pth"
    make(path)
    for read in (load_model, read_model_info):
        with pytest.raises(ModelFileError, match=r"foreign\.pth") as caught:
            read(path)
        assert "\n" not in str(caught.value)


def test_pickled_code_is_never_run(tmp_path: Path) -> None:
    path, harm = tmp_path / "harmful.pth", tmp_path / "harm"
    torch.save({"metadata": {}, "weights": Harmful(harm)}, path)
    with pytest.raises(ModelFileError, match="run code"):
        load_model(path)
    assert not harm.exists()


def altered(
    saved: Path, path: Path, *, metadata: dict[str, str] | None = None, weights: dict[str, torch.Tensor | None] | None = None
) -> Path:
    """A copy of a .safetensors model file with some things changed; None drops a tensor."""
    with safe_open(saved, "pt") as file:
        old = {**(file.metadata() or {}), **(metadata or {})}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no dict
    for name, tensor in (weights or {}).items():
        tensors.pop(name, None)
        if tensor is not None:
            tensors[name] = tensor
    path.write_bytes(safetensors.torch.save(tensors, old))
    return path


@pytest.fixture
def safetensors_file(small: VisionLanguageModel, tokenizer: Tokenizer, tmp_path: Path) -> Path:
    path = tmp_path / "whole.safetensors"
    save_model(path, small, tokenizer, metrics=METRICS, recipe=RECIPE)
    return path


def test_damage_inside_is_named(safetensors_file: Path, tokenizer: Tokenizer, tmp_path: Path, small: VisionLanguageModel) -> None:
    larger = replace(small.config, vocabulary_size=small.config.vocabulary_size + 1)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"metadata": {"format_version": "99"}}, "newer version"),
        ({"metadata": {"format": "other"}}, "not a model of this program"),
        ({"metadata": {"config": "{"}}, "damaged"),
        ({"metadata": {"config": json.dumps({"vocabulary_size": 0})}}, "vocabulary_size"),
        ({"metadata": {"config": json.dumps({**small.config.to_dict(), "wings": 2})}}, "wings"),
        ({"metadata": {"config": json.dumps(larger.to_dict())}}, "tokenizer knows"),
        ({"metadata": {"tokenizer": "{}"}}, "damaged"),
        ({"weights": {"decoder.norm.weight": None}}, r"decoder\.norm\.weight is missing"),
        ({"weights": {"decoder.norm.weight": torch.zeros(3)}}, r"decoder\.norm\.weight has shape \[3\] instead of \[16\]"),
        ({"weights": {"wings": torch.zeros(3)}}, "unknown tensor wings"),
        ({"weights": {"decoder.norm.weight": torch.full((16,), float("nan"))}}, "not numbers"),
    ]
    for number, (changes, message) in enumerate(cases):
        path = altered(safetensors_file, tmp_path / f"damaged{number}.safetensors", **changes)
        with pytest.raises(ModelFileError, match=message):
            load_model(path)


def test_saving_over_a_model_that_fails_keeps_the_old_one(
    safetensors_file: Path, small: VisionLanguageModel, tokenizer: Tokenizer
) -> None:
    before = safetensors_file.read_bytes()
    with pytest.raises(TypeError):
        save_model(safetensors_file, small, tokenizer, metrics={"no json": object()}, recipe={})
    assert safetensors_file.read_bytes() == before
