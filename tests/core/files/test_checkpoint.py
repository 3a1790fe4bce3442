"""A model file gives back what was saved, and any other file gives one sentence."""

from __future__ import annotations

import json
import os
import pickle
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.config import ModelConfig
from core.errors import ModelFileError
from core.files.checkpoint import load_model, read_model_info, save_model
from core.files.model_info import read_header
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer

SUFFIXES = ("safetensors", "pth")
METRICS = {"bleu4": 0.125, "cider": 0.5, "loss": 2.75}
RECIPE = {"preset": "tiny", "stages": [{"epochs": 1}, {"epochs": 2}], "photos": "Höhle"}
CALIBRATION = {"keep": 4, "alpha": 0.08}
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train_bpe(["a dog runs on the beach", "a dog and a child"], vocabulary_size=270)


@pytest.fixture(scope="module")
def small(tokenizer: Tokenizer) -> VisionLanguageModel:
    config = ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, encoder_name="test_vit", encoder_width=64, image_size=32, width=16,
        layers=2, heads=2, feed_forward_width=32, max_question_tokens=8, max_answer_tokens=8,
    )
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(3)
        model = VisionLanguageModel(config)
    return model.requires_grad_(False).eval()


@dataclass(frozen=True)
class Saved:
    """The same model in both kinds of file."""

    folder: Path

    def path(self, suffix: str) -> Path:
        return self.folder / f"model.{suffix}"


@pytest.fixture(scope="module")
def saved(small: VisionLanguageModel, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    saved = Saved(tmp_path_factory.mktemp("models"))
    for suffix in SUFFIXES:
        save_model(
            saved.path(suffix), small, tokenizer, metrics=METRICS, recipe=RECIPE, calibration=CALIBRATION,
        )
    return saved


@pytest.fixture(scope="module")
def content(saved: Saved) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and weights of the saved file, to be changed in copies."""
    whole = torch.load(saved.path("pth"), weights_only=True)
    return whole["metadata"], whole["weights"]


def write(path: Path, metadata: dict[str, str], weights: dict[str, Tensor]) -> Path:
    if path.suffix == ".pth":
        torch.save({"metadata": metadata, "weights": weights}, path)
    else:
        safetensors.torch.save_file(weights, path, metadata)
    return path


def refusal(path: Path, read: Callable[[Path], object] = load_model) -> str:
    """The sentence that refuses a file; one line that names it."""
    with pytest.raises(ModelFileError) as caught:
        read(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


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
    with torch.no_grad():
        small.segment[0, 0] += 1
        save_model(tmp_path / "other.safetensors", small, tokenizer, metrics=METRICS, recipe=RECIPE)
        small.segment[0, 0] -= 1
    assert load_model(tmp_path / "other.safetensors").content_hash != file.content_hash
    assert len(file.content_hash) == 64


def test_without_calibration(tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer) -> None:
    save_model(tmp_path / "m.pth", small, tokenizer, metrics={}, recipe={})
    assert load_model(tmp_path / "m.pth").calibration is None


def test_the_output_embedding_is_one_tensor_with_the_input_embedding(
    content: tuple[dict[str, str], dict[str, Tensor]], small: VisionLanguageModel
) -> None:
    shape = small.token_embedding.weight.shape
    assert [name for name, tensor in content[1].items() if tensor.shape == shape] == ["token_embedding.weight"]


def test_pth_holds_plain_values_only(saved: Saved) -> None:
    with zipfile.ZipFile(saved.path("pth")) as archive:
        pickled = archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl")))
    assert b"core" not in pickled.replace(b"score", b"")
    assert b"nn.modules" not in pickled


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


def test_weights_too_large_for_half_precision_are_saved_in_single(
    tmp_path: Path, small: VisionLanguageModel, tokenizer: Tokenizer, caplog: pytest.LogCaptureFixture
) -> None:
    with torch.no_grad():
        kept = float(small.segment[0, 0])
        small.segment[0, 0] = 1e6
        save_model(tmp_path / "m.safetensors", small, tokenizer, metrics={}, recipe={})
        small.segment[0, 0] = kept
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
    with torch.no_grad():
        kept = float(small.segment[0, 0])
        small.segment[0, 0] = value
        assert "segment" in refusal(path, lambda path: save_model(path, small, tokenizer, metrics={}, recipe={}))
        small.segment[0, 0] = kept
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
    with file_size_limit(100_000), pytest.raises(OSError, match="File too large"):
        save_model(path, small, tokenizer, metrics={}, recipe={})
    assert path.read_bytes() == b"the old model"
    assert os.listdir(tmp_path) == [path.name]


@contextmanager
def file_size_limit(size: int) -> Any:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# What no model file is.


@pytest.mark.parametrize("read", [load_model, read_model_info])
def test_missing_folder_and_empty(tmp_path: Path, read: Callable[[Path], object]) -> None:
    assert "no file" in refusal(tmp_path / "none.safetensors", read)
    assert "folder" in refusal(tmp_path, read)
    (tmp_path / "empty.pth").touch()
    assert "empty" in refusal(tmp_path / "empty.pth", read)
    with pytest.raises(ModelFileError, match="not a file name"):
        read(Path("a\0b"))
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        assert "not a file" in refusal(tmp_path / "pipe", read)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions stop")
def test_unreadable(tmp_path: Path) -> None:
    (tmp_path / "m.pth").write_bytes(b"PK\x03\x04")
    (tmp_path / "m.pth").chmod(0)
    assert "can't be read" in refusal(tmp_path / "m.pth")


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=25)
@given(data=st.data())
def test_cut_off_anywhere(saved: Saved, suffix: str, data: st.DataObject) -> None:
    whole = saved.path(suffix).read_bytes()
    near_an_end = st.integers(1, 200).map(lambda n: len(whole) - n)
    length = data.draw(st.integers(1, len(whole) - 1) | st.integers(1, 2000) | near_an_end)
    path = saved.folder / f"cut.{suffix}"
    path.write_bytes(whole[:length])
    for read in (load_model, read_model_info):
        refusal(path, read)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_damaged_anywhere(saved: Saved, suffix: str, seed: int) -> None:
    """Changed bytes either don't matter to what is checked or are reported in a sentence; no other error, and no crash."""
    whole = bytearray(saved.path(suffix).read_bytes())
    chance = random.Random(seed)
    # The description is small beside the weights: half of the damage hits what isn't weights.
    for _ in range(chance.randint(1, 8)):
        edge = chance.choice([4000, len(whole)])
        position = chance.choice([chance.randrange(edge), len(whole) - 1 - chance.randrange(edge)])
        whole[position] = chance.randrange(256)
    path = saved.folder / f"damaged.{suffix}"
    path.write_bytes(whole)
    try:
        load_model(path)
    except ModelFileError:
        refusal(path)


@settings(max_examples=100)
@given(
    raw=st.binary(min_size=1, max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"\x80\x02", b"\x10" + b"\0" * 7 + b"{"]),
)
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, raw: bytes, start: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    path.write_bytes(start + raw)
    for read in (load_model, read_model_info):
        refusal(path, read)


def test_longer_than_its_header_says(saved: Saved, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(saved.path("safetensors").read_bytes() + b"more")
    assert "goes on after its end" in refusal(path)


def test_foreign_files(tmp_path: Path) -> None:
    path = tmp_path / "foreign"
    path.write_text("It was a dark and stormy night; the rain fell in torrents.")
    assert refusal(path) == f"{path} is not a model file."
    safetensors.torch.save_file({"a": torch.zeros(3)}, path)
    assert refusal(path) == f"{path} is not a model of SpinVLM."
    safetensors.torch.save_file({"a": torch.zeros(3)}, path, {"format": "pt"})
    assert refusal(path, read_model_info) == f"{path} is not a model of SpinVLM."
    path.write_bytes(pickle.dumps({"a": 1}))
    assert refusal(path) == f"{path} is not a model file."
    for foreign in ({"a": torch.zeros(3)}, [1, 2], torch.zeros(3), {"metadata": 3, "weights": {}}):
        torch.save(foreign, path)
        assert refusal(path) == f"{path} is not a model of SpinVLM."
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir or Madam")
    assert refusal(path) == f"{path} is a ZIP archive without a model in it."


class Intruder:
    """Creates a file when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.trace),)


@pytest.mark.parametrize("protocol", [2, 4])
def test_no_code_is_run(tmp_path: Path, protocol: int) -> None:
    path, trace = tmp_path / "m.pth", tmp_path / "trace"
    intruder = Intruder(trace)
    # The bait is good: a reader that trusts it runs it.
    pickle.loads(pickle.dumps(intruder, protocol))  # noqa: S301
    trace.rmdir()
    for content in (intruder, {"metadata": intruder, "weights": {}}, {"metadata": {}, "weights": {"a": intruder}}):
        torch.save(content, path, pickle_protocol=protocol)
        assert "can run code" in refusal(path)
        assert "can run code" in refusal(path, read_model_info)
        torch.save(content, path, pickle_protocol=protocol, _use_new_zipfile_serialization=False)
        refusal(path)
        path.write_bytes(pickle.dumps(content, protocol))
        refusal(path)
    assert not trace.exists()


def test_a_whole_pickled_module_isnt_opened(tmp_path: Path) -> None:
    path = tmp_path / "m.pth"
    torch.save(torch.nn.Linear(2, 2), path)
    assert refusal(path) == (
        f"{path} was not opened: it holds more than weights, and such a file can run code."
    )


# Model files in which something is wrong.


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
    tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]], suffix: str, part: str, value: str | None,
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


def test_a_description_that_is_no_text(tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]]) -> None:
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
    tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]], name: str, value: Any, complaint: str
) -> None:
    path = write(tmp_path / "m.safetensors", changed(content[0], name, value), content[1])
    assert complaint in refusal(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_wrong_weights(tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]], suffix: str) -> None:
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
    tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]], strange: Any
) -> None:
    path = write(tmp_path / "m.pth", content[0], content[1] | {"segment": strange})
    assert "segment is not a plain tensor" in refusal(path)


def test_a_header_without_bounds(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    for header in (b'{"a": {"data_offsets": [0, -5]}}', b'{"a": 3}', b'{"a": {"data_offsets": "xy"}}', b"{" * 50_000):
        path.write_bytes(len(header).to_bytes(8, "little") + header)
        refusal(path, read_header)


def test_files_of_the_first_version_stay_readable(tmp_path: Path, content: tuple[dict[str, str], dict[str, Tensor]]) -> None:
    """The names that files of version 1 have from the beginning; those that came later may be missing."""
    metadata = {name: value for name, value in content[0].items() if name not in ("program_version", "created")}
    assert set(metadata) == {"format", "format_version", "config", "tokenizer", "metrics", "recipe", "calibration"}
    assert load_model(write(tmp_path / "m.safetensors", metadata, content[1])).info.program_version == ""
