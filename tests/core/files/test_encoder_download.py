"""timm's weights, downloaded from a hub on this machine."""

from __future__ import annotations

import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import huggingface_hub.constants
import pytest
import torch
from torch import Tensor

from core.errors import DownloadError
from core.files import encoder_download
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from tests.core.files.encoder_files import holds, new_encoder, refusal, save_safetensors

REPOSITORY_FILE = "/timm/test_vit.r160_in1k/resolve/main/"


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
