"""Loading: what can't be used is refused in one sentence, before anything of it could do harm."""

from __future__ import annotations

import importlib.abc
import json
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import ConfigError, ModelFileError
from core.pretrained import left_out_models
from core.pretrained.errors import PretrainedModelError
from core.pretrained.loading import load as loading
from core.pretrained.loading import memory_need, model_parts, speed_trial
from core.pretrained.loading.load import load_pretrained
from core.pretrained.loading.memory_need import check_memory, estimate
from core.pretrained.loading.model_folder import ModelFolder, inspect_folder
from core.pretrained.loading.speed_trial import ComputeChoice
from core.pretrained.tiny_models.families import TINY
from tests.core.pretrained.conftest import Folders, Loaded

Copy = Callable[[str], Path]


@pytest.fixture
def copy(folder: Folders, tmp_path: Path) -> Copy:
    """A copy of a family's folder that a test may spoil."""
    return lambda name: Path(shutil.copytree(folder(name), tmp_path / "copy"))


def load(path: Path, **options: Any) -> loading.CheckedModel:
    return load_pretrained(path, **{"device": "cpu", "precision": "float32", "threads": 1, **options})


def change(path: Path, **values: Any) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, **values}))


@pytest.mark.parametrize("family", list(TINY))
def test_every_family_is_loaded_and_checked(family: str, loaded: Loaded) -> None:
    model = loaded(family)
    assert (model.parts.loaded.layers, model.parts.loaded.heads) == (3, 8)
    assert model.parts.loaded.end_ids
    assert model.notes == ()
    vision = [module for name, module in model.parts.loaded.model.named_modules() if "vision" in name or "visual" in name]
    implementations = {module.config._attn_implementation for module in vision if hasattr(module, "config")}
    assert implementations == {"sdpa"}, "the vision tower keeps the library's attention"


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda path: shutil.rmtree(path), "There is no folder"),
    (lambda path: (path / "config.json").unlink(), "config.json is missing"),
    (lambda path: (path / "config.json").write_text("{"), "config.json is damaged"),
    (lambda path: (path / "config.json").write_text("{}"), "doesn't say what kind of model"),
    (lambda path: (path / "model.safetensors").unlink(), "it has no safetensors file"),
    (lambda path: (path / "tokenizer.json").unlink(), "tokenizer.json is missing"),
    (lambda path: (path / "preprocessor_config.json").unlink(), "preprocessor_config.json is missing"),
    (lambda path: change(path / "config.json", quantization_config={"bits": 4}), "is quantised"),
])
def test_an_incomplete_folder_is_refused(spoil: Callable[[Path], None], message: str, copy: Copy) -> None:
    path = copy("llava")
    spoil(path)
    with pytest.raises(PretrainedModelError, match=message):
        load(path)


def test_weights_in_pickles_are_refused_and_never_opened(copy: Copy) -> None:
    path = copy("llava")
    (path / "model.safetensors").unlink()
    (path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'touch /tmp/harm'\ntR.")
    with pytest.raises(PretrainedModelError, match="pickles"):
        load(path)


def test_program_code_of_a_model_is_never_run(copy: Copy, tmp_path: Path) -> None:
    path = copy("llava")
    harm = tmp_path / "harm"
    (path / "modeling_evil.py").write_text(f"open({str(harm)!r}, 'w')")
    change(path / "config.json", model_type="evil", auto_map={"AutoConfig": "modeling_evil.Config",
                                                              "AutoModelForImageTextToText": "modeling_evil.Model"})
    with pytest.raises(PretrainedModelError, match="program code of their own"):
        load(path)
    change(path / "config.json", model_type="llava")  # a known kind with code beside it: the library's class is used
    load(path)
    assert not harm.exists()


@pytest.mark.parametrize(("kind", "message"), [
    ("git", "GIT computes its attention outside"), ("blip", "BLIP computes its attention outside"),
    ("blip-2", "lie nowhere on it"), ("florence2", "can't be found on the photo"), ("internvl_chat", "ends in -hf"),
    ("llama", "where their image tokens lie on the photo isn't known"),
])
def test_a_kind_that_cannot_be_used_is_refused_with_the_reason(kind: str, message: str, copy: Copy) -> None:
    path = copy("llava")
    change(path / "config.json", model_type=kind)
    with pytest.raises(PretrainedModelError, match=message):
        load(path)


@pytest.mark.parametrize("cut", [4, 200, -1])
def test_damaged_weights_are_refused(cut: int, copy: Copy) -> None:
    path = copy("llava")
    weights = path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:cut])
    with pytest.raises(PretrainedModelError, match="damaged or incomplete"):
        load(path)


def test_missing_weights_are_refused_not_drawn_at_random(copy: Copy) -> None:
    path = copy("llava")
    drop_tensor(path / "model.safetensors", "norm")
    with pytest.raises(PretrainedModelError, match="of its weights are missing"):
        load(path)


def drop_tensor(path: Path, part: str) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(path)
    dropped = next(name for name in tensors if part in name)
    save_file({name: tensor for name, tensor in tensors.items() if name != dropped}, path, metadata={"format": "pt"})


def test_a_missing_shard_is_named(copy: Copy) -> None:
    path = copy("llava")
    (path / "model.safetensors").rename(path / "model-00001-of-00002.safetensors")
    weights = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    with pytest.raises(PretrainedModelError, match=r"model-00002-of-00002\.safetensors missing"):
        load(path)


def test_photos_prepared_for_another_vision_tower_are_refused(copy: Copy) -> None:
    path = copy("paligemma")
    change(path / "preprocessor_config.json", size={"height": 48, "width": 48})
    with pytest.raises(PretrainedModelError, match="its photos are prepared at"):
        load(path)


def test_an_unknown_image_processor_is_refused(copy: Copy) -> None:
    path = copy("llava")
    change(path / "preprocessor_config.json", image_processor_type="PixtralImageProcessor")
    with pytest.raises(PretrainedModelError, match="how its photos are prepared"):
        load(path)


def test_a_model_whose_layers_leave_no_record_is_refused(folder: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_parts, "install", lambda model: None)  # as if its attention went past the common interface
    with pytest.raises(PretrainedModelError, match="only 0 of its 3 layers go through"):
        load(folder("llava"))


def test_errors_are_those_that_callers_of_model_files_know() -> None:
    assert issubclass(PretrainedModelError, ModelFileError)


def test_the_size_comes_from_the_headers_alone(folder: Folders, loaded: Loaded) -> None:
    found = inspect_folder(folder("smolvlm"))
    model = loaded("smolvlm").parts.loaded.model
    assert found.parameters == sum(parameter.numel() for parameter in model.parameters())
    assert found.weight_bytes == 4 * found.parameters
    assert found.stored_dtype == "F32"
    assert found.name == "smolvlm"


def test_a_model_that_is_too_large_is_refused_with_the_numbers(folder: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_need, "available_memory", lambda: 1_000_000)
    with pytest.raises(PretrainedModelError, match=r"needs about 0\.\d GB of memory in float32, and 0\.0 GB are free"):
        load(folder("llava"))


def test_the_estimate_is_that_of_known_sizes(tmp_path: Path) -> None:
    """LLaVA-1.5-7B: 7.06 billion parameters, 32 layers of 32 heads of 128."""
    text = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 11008,
            "vocab_size": 32064}
    header = json.dumps({"w": {"dtype": "F16", "shape": [7_063_000_000], "data_offsets": [0, 14_126_000_000]}}).encode()
    with (tmp_path / "model.safetensors").open("wb") as stream:
        stream.write(struct.pack("<Q", len(header)) + header)
        stream.truncate(8 + len(header) + 14_126_000_000)  # a hole: it takes no room on the disk
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llava", "text_config": text}))
    (tmp_path / "tokenizer.json").write_text("{}")
    found = inspect_folder(tmp_path)
    need = estimate(found, precision="bfloat16")
    assert need.weights == 14_126_000_000
    assert need.cache == 2 * 32 * 4096 * memory_need.PROMPT_TOKENS * 2
    assert 16e9 < need.total < 20e9
    with pytest.raises(PretrainedModelError, match=r"needs about 3\d\.\d GB of memory in float32, and 16\.0 GB are free"):
        check_memory(found, precision="float32", available=16_000_000_000)


def test_the_fastest_precision_and_threads_are_found_by_trying(folder: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[torch.dtype, int]] = []

    def seconds(model: Any, prompt: Any, **_: Any) -> float:
        threads = torch.get_num_threads()
        tried.append((model.model.dtype, threads))
        return {torch.float32: 1.0, torch.bfloat16: 0.5}[model.model.dtype] + abs(threads - 1)

    monkeypatch.setattr(speed_trial, "seconds_a_token", seconds)
    monkeypatch.setattr(speed_trial, "usable_cores", lambda: 2)
    monkeypatch.setattr(loading, "multiplies_bfloat16", lambda _device: True)
    model = load(folder("smolvlm"), precision="auto", threads=None)
    assert replace(model.choice, seconds_to_read=None) == ComputeChoice("cpu", "bfloat16", 1, 0.5)
    assert model.choice.seconds_to_read is not None
    assert model.parts.loaded.model.dtype == torch.bfloat16
    assert set(tried) == {(dtype, threads) for dtype in (torch.float32, torch.bfloat16) for threads in (1, 2)}
    assert torch.get_num_threads() == 1
    tried.clear()
    again = load(folder("smolvlm"), precision="auto", threads=None, remembered=model.choice)
    assert again.choice == model.choice
    assert tried == [], "what is remembered isn't tried again"


def test_bfloat16_is_not_tried_where_the_processor_can_only_imitate_it(
    folder: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []

    def load_parts(found: ModelFolder, precision: str) -> model_parts.ModelParts:
        loaded.append(precision)
        return model_parts.load_parts(found, precision)

    monkeypatch.setattr(loading, "load_parts", load_parts)
    monkeypatch.setattr(loading, "multiplies_bfloat16", lambda _device: False)
    assert load(folder("smolvlm"), precision="auto", threads=1).choice.precision == "float32"
    assert set(loaded) == {"float32"}


def test_the_trial_measures_something_and_goes_back_to_the_first_precision(
    folder: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "multiplies_bfloat16", lambda _device: True)
    model = load(folder("smolvlm"), precision="auto", threads=1)
    assert model.choice.precision in ("float32", "bfloat16")
    assert model.choice.seconds_a_token is not None
    assert model.parts.loaded.model.dtype == getattr(torch, model.choice.precision)
    assert ComputeChoice.from_dict(model.choice.to_dict()) == model.choice


def test_bfloat16_answers_too(folder: Folders, png: bytes) -> None:
    from core.answers import AnswerRequest
    from core.pretrained.session import PretrainedSession

    session = PretrainedSession(load(folder("qwen3_vl"), precision="bfloat16"))
    assert session.answer(AnswerRequest(png, "Is it red?")).tokens
    assert session.describe().precision == "bfloat16"


def test_a_device_that_gives_other_answers_is_not_used_and_that_is_reported(
    folder: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "choose_device", lambda name: torch.device("meta"))  # computes nothing
    model = load(folder("llava"), device="auto")
    assert model.choice.device == "cpu"
    assert "answers on the CPU, because it can't be used on the GPU (meta)" in model.notes[0]


def test_agreement_allows_rounding_only() -> None:
    reference = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert loading.agree(reference, reference + 0.01)
    assert not loading.agree(reference, -reference)
    assert not loading.agree(reference, reference.flip(0))


def test_settings_that_do_not_exist_are_refused(folder: Folders) -> None:
    with pytest.raises(ConfigError, match="precision must be one of"):
        load(folder("llava"), precision="int8")
    with pytest.raises(ConfigError, match="device must be one of"):
        load(folder("llava"), device="tpu")
    with pytest.raises(PretrainedModelError, match="another revision"):
        load(folder("llava"), revision="abc")


def test_nothing_asks_the_network(folder: Folders, monkeypatch: pytest.MonkeyPatch, png: bytes) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a model's folder is all there is")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    load(folder("idefics3"))


def test_the_library_is_not_imported_before_a_model_is_loaded() -> None:
    program = (
        "import sys\n"
        "import core.session, core.pretrained.session, core.pretrained.hub.download, core.pretrained.hub.model_store\n"
        "assert 'transformers' not in sys.modules\n"
        "import core.answer_model, core.open_model, core.pretrained.hub.recommended_models\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_a_tokenizer_is_found_by_its_class_where_other_models_are_left_out(
    copy: Copy, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    folder = copy("qwen2_vl")
    config = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "Qwen2Tokenizer"}), "utf-8")
    monkeypatch.setattr(sys, "meta_path", [_WithoutQwen2Audio(), *sys.meta_path])
    for name in [name for name in sys.modules if name.startswith(LEFT_OUT)]:
        monkeypatch.delitem(sys.modules, name)
    request.addfinalizer(lambda: sys.modules.pop(LEFT_OUT, None))
    with pytest.raises(PretrainedModelError, match="can't be loaded"):
        load(folder)
    left_out_models.give_empty_modules()
    assert load(folder).parts.tokenizer("Is it red?")["input_ids"]


LEFT_OUT = "transformers.models.audioflamingo3"
"""The first of the models whose tokenizer is Qwen2's."""


class _WithoutQwen2Audio(importlib.abc.MetaPathFinder):
    """As in the bundle: the finders that know the library's folder don't find it."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != LEFT_OUT:
            return None
        others = [finder for finder in sys.meta_path if isinstance(finder, left_out_models._LeftOut)]
        if others:
            return others[0].find_spec(fullname, path)
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def test_the_records_need_no_torch() -> None:
    program = (
        "import sys\n"
        "import core.answer_model, core.open_model, core.pretrained.hub.recommended_models\n"
        "import core.pretrained.loading.model_folder, core.pretrained.hub.hub_plan\n"
        "assert not {'torch', 'transformers', 'huggingface_hub'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])
