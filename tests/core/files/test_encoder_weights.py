"""Initial encoder weights from every source, and a sentence for what doesn't fit."""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import huggingface_hub.constants
import numpy as np
import pytest
import safetensors.torch
import torch
from torch import Tensor

from core.config import ModelConfig
from core.errors import DownloadError, ModelFileError
from core.files import encoder_download, encoder_weights
from core.files.bundled_models import BundledModel
from core.files.checkpoint import load_model, save_model
from core.files.encoder_weights import EncoderSource, load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from core.model.vlm import VisionLanguageModel
from core.text.tokenizer import Tokenizer

NAME, SIZE = "test_vit", 32
"""timm's own vision transformer for tests: 6 blocks of width 64, patches of 16 pixels."""
REPOSITORY_FILE = "/timm/test_vit.r160_in1k/resolve/main/"


def new_encoder(seed: int, *, image_size: int = SIZE) -> VisionEncoder:
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        encoder = VisionEncoder(NAME, image_size=image_size)
        for parameter in encoder.parameters():  # norms and biases too: fresh ones are all alike
            torch.nn.init.normal_(parameter, std=0.02)
    return encoder.requires_grad_(False).eval()


@pytest.fixture
def encoder() -> VisionEncoder:
    return new_encoder(1)


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    """Of another encoder, with timm's names."""
    return dict(new_encoder(2).vit.state_dict())


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


# Files that don't fit.


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


# The download, from a hub on this machine.


class Hub(BaseHTTPRequestHandler):
    """As much of a Hugging Face hub as its client asks for one file."""

    files: ClassVar[dict[str, bytes]] = {}
    status: ClassVar[int] = 0
    """Answered to everything where it isn't 0."""
    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:  # the name that http.server calls
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        self.asked.append(f"{self.command} {self.path}")
        body = self.files.get(self.path.removeprefix(REPOSITORY_FILE))
        self.send_response(self.status or (404 if body is None else 200))
        if body is None or self.status:
            self.send_header("X-Error-Code", "EntryNotFound")
            body = b""
        self.send_header("ETag", '"0123456789abcdef"')
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Tests stay quiet."""


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Allows the hub's client to reach the network, which in tests is this machine; sets the hub's address."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub cache"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    huggingface_hub.close_session()

    def set_address(address: str) -> None:
        template = huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE
        path = template.removeprefix(huggingface_hub.constants.ENDPOINT)
        monkeypatch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + path)
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)

    return set_address


@pytest.fixture
def hub(online: Callable[[str], None]) -> Iterator[type[Hub]]:
    Hub.files, Hub.status, Hub.asked = {}, 0, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    online(f"http://127.0.0.1:{server.server_address[1]}")
    yield Hub
    huggingface_hub.close_session()
    server.shutdown()
    thread.join()
    server.server_close()


def file_bytes(weights: dict[str, Tensor], name: str, tmp_path: Path) -> bytes:
    path = tmp_path / "served"
    (save_safetensors if name.endswith(".safetensors") else torch.save)(weights, path)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_a_download_is_announced_and_kept(
    hub: type[Hub], tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], name: str
) -> None:
    hub.files = {name: file_bytes(weights, name, tmp_path)}
    reported: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's, about links that this folder may not have
        source = load_encoder_weights(encoder, "pretrained", progress=reported.append)
    assert str(source) == "timm's pretrained test_vit"
    assert holds(encoder, weights)
    assert len(reported) == 1
    assert "Downloading the pretrained weights of test_vit" in reported[0]

    hub.asked.clear()
    other = new_encoder(5)
    load_encoder_weights(other, "pretrained", progress=reported.append)
    assert holds(other, weights)
    assert hub.asked == []
    assert len(reported) == 1


def test_a_download_is_counted(
    hub: type[Hub], tmp_path: Path, encoder: VisionEncoder, weights: dict[str, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.files = {"model.safetensors": file_bytes(weights, "model.safetensors", tmp_path)}
    monkeypatch.setattr(encoder_download, "MEGABYTE", 1000)
    counted: list[tuple[int, int]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's, about links that this folder may not have
        load_encoder_weights(
            encoder, "pretrained", progress=lambda _: None, counted=lambda done, total: counted.append((done, total))
        )
    size = round(len(hub.files["model.safetensors"]) / 1000)
    assert counted[-1] == (size, size)
    assert holds(encoder, weights)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_hub(hub: type[Hub], encoder: VisionEncoder, status: int) -> None:
    hub.status = status
    sentence = refusal(encoder, "pretrained", DownloadError)
    assert f"the server answers {status}" in sentence
    assert "--encoder FILE" in sentence
    assert len(hub.asked) == 1


def test_weights_that_the_hub_doesnt_have(hub: type[Hub], encoder: VisionEncoder) -> None:
    assert "has no pretrained weights of test_vit" in refusal(encoder, "pretrained", DownloadError)


def test_a_damaged_download(hub: type[Hub], encoder: VisionEncoder) -> None:
    hub.files = {"model.safetensors": b"<html>Please log in to this hotel's network.</html>"}
    assert "is not a model file" in refusal(encoder, "pretrained")


def advice_within(seconds: float, encoder: VisionEncoder) -> str:
    began = time.monotonic()
    sentence = refusal(encoder, "pretrained", DownloadError)
    assert time.monotonic() - began < seconds
    assert "connect to the internet, or start from a local file (--encoder FILE) or the bundled encoder" in sentence
    return sentence


def test_nobody_answers_at_the_address(online: Callable[[str], None], encoder: VisionEncoder) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        online(f"http://127.0.0.1:{free.getsockname()[1]}")
        advice_within(20, encoder)  # the hub's client alone takes 24 seconds and more


def test_a_hub_that_takes_the_call_and_says_nothing(
    online: Callable[[str], None], encoder: VisionEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder_download, "CONNECT_TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        online(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "timed out" in advice_within(20, encoder)


def test_a_machine_without_network(online: Callable[[str], None], encoder: VisionEncoder) -> None:
    online("https://hub.invalid")
    advice_within(20, encoder)


def test_offline_mode_is_named_as_the_reason(encoder: VisionEncoder) -> None:
    assert "HF_HUB_OFFLINE forbids it" in advice_within(20, encoder)


def test_an_encoder_without_pretrained_weights() -> None:
    with pytest.raises(DownloadError, match=r"^timm offers no pretrained weights of vit_giant_patch14_224: .*FILE"):
        encoder_download.download_encoder("vit_giant_patch14_224")


def batch_norm_net(seed: int) -> VisionEncoder:
    """A convolutional network whose statistics differ from norm to norm."""
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(seed)
        encoder = VisionEncoder("tf_efficientnet_lite0", image_size=64)
        for name, tensor in encoder.vit.state_dict().items():
            if name.endswith("num_batches_tracked"):
                tensor.fill_(123_456)  # too large for a float16
            elif "running" in name or "bn" in name:
                torch.nn.init.uniform_(tensor, 0.5, 1.5)
    return encoder.requires_grad_(False).eval()


def package_name(name: str, net: Any) -> str | None:
    """A tensor's name in efficientnet-pytorch, from timm's; None for the classifier."""
    outer = {"conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1"}
    parts = name.split(".")
    if parts[0] != "blocks":
        return ".".join([outer[parts[0]], *parts[1:]]) if parts[0] in outer else None
    stage, block, layer, kind = int(parts[1]), int(parts[2]), parts[3], parts[4]
    number = sum(len(net.blocks[earlier]) for earlier in range(stage)) + block
    expands = stage > 0  # an EfficientNet's first block is the only one that doesn't widen
    wide = {"conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1", "conv_pwl": "_project_conv",
            "bn3": "_bn2"}
    narrow = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    return f"_blocks.{number}.{(wide if expands else narrow)[layer]}.{kind}"


@pytest.mark.parametrize("names", ["timm", "efficientnet-pytorch"])
def test_a_convolutional_networks_weights_are_read_under_either_name(names: str, tmp_path: Path) -> None:
    other, encoder, path = batch_norm_net(2), batch_norm_net(3), tmp_path / "net.safetensors"
    weights = {
        name if names == "timm" else package_name(name, other.vit): tensor for name, tensor in other.vit.state_dict().items()
    }
    classifier = {"_fc.weight" if names != "timm" else "classifier.weight": torch.ones(3, 1280)}
    safetensors.torch.save_file({str(name): tensor for name, tensor in weights.items()} | classifier, path)
    load_encoder_weights(encoder, str(path))
    own, expected = encoder.vit.state_dict(), other.vit.state_dict()
    assert all(torch.equal(own[name], expected[name]) for name in own if not name.endswith("num_batches_tracked"))


def test_a_convolutional_networks_model_file_stays_in_half_precision(tmp_path: Path) -> None:
    weights, path = tmp_path / "net.safetensors", tmp_path / "model.safetensors"
    safetensors.torch.save_file(dict(batch_norm_net(4).vit.state_dict()), weights)
    tokenizer = Tokenizer.train_bpe(["a dog", "a cat"], vocabulary_size=300)
    model = VisionLanguageModel(ModelConfig(
        vocabulary_size=tokenizer.vocabulary_size, encoder_name="tf_efficientnet_lite0", image_size=64, patch_size=32,
        encoder_width=1280, width=32, layers=1, heads=2, feed_forward_width=32,
    )).eval()
    load_encoder_weights(model.encoder, str(weights))
    save_model(path, model, tokenizer, metrics={}, recipe={})
    loaded = load_model(path)
    assert (loaded.precision, loaded.config.grid_side) == ("float16", 2)
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(7))
    with torch.inference_mode():
        difference = loaded.model.encode_image(pixels) - model.encode_image(pixels)
    assert float(difference.abs().mean()) < 0.01
    assert {name: tensor.dtype for name, tensor in loaded.model.state_dict().items()} == {
        name: tensor.dtype for name, tensor in model.state_dict().items()
    }


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    encoder, path = batch_norm_net(5), tmp_path / "net.safetensors"
    before = {name: tensor.clone() for name, tensor in encoder.vit.state_dict().items()}
    safetensors.torch.save_file({"_blocks.99._bn1.weight": torch.ones(3)}, path)
    with pytest.raises(ModelFileError, match="holds no weights that fit tf_efficientnet_lite0"):
        load_encoder_weights(encoder, str(path))
    assert all(torch.equal(tensor, before[name]) for name, tensor in encoder.vit.state_dict().items())
