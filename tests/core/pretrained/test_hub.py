"""Downloads over real HTTP from a hub on this computer: resumed, verified, and every fault told in one sentence."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import DownloadError
from core.pretrained.errors import PretrainedModelError
from core.pretrained.hub import download as hub_module
from core.pretrained.hub.download import DownloadProgress, DownloadStoppedError, download_model
from core.pretrained.hub.hub_plan import read_plan
from core.pretrained.hub.model_store import find_model, find_models, find_unfinished, remove_model
from core.pretrained.loading.load import load_pretrained
from tests.core.pretrained.conftest import Folders
from tests.core.pretrained.fake_hub import COMMIT, FakeHub, serve


@pytest.fixture(scope="module")
def content(folder: Folders) -> dict[str, bytes]:
    """A tiny model's files, and some beside them that must not be downloaded."""
    files = {path.name: path.read_bytes() for path in folder("llava").iterdir()}
    extra = {"pytorch_model.bin": b"pickle", "modeling.py": b"print()", "onnx/model.onnx": b"onnx", "README.md": b"# Tiny",
             "consolidated.safetensors": b"twice"}
    return {**files, **extra}


@pytest.fixture
def hub(content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serve(FakeHub(dict(content))) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.endpoint)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setattr(hub_module, "CHUNK", 4096)
        # Its pause between two tries; the module's own name for `time`, since other threads need theirs.
        monkeypatch.setattr("huggingface_hub.file_download.time", SimpleNamespace(sleep=lambda seconds: None))
        yield served


def test_a_model_is_downloaded_and_answers(hub: FakeHub, tmp_path: Path) -> None:
    told: list[DownloadProgress] = []
    path = download_model("org/tiny", tmp_path, progress=told.append)
    assert path == tmp_path / "org--tiny"
    names = {file.name for file in path.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "README.md", "download.json"} <= names
    assert not {"pytorch_model.bin", "modeling.py", "onnx", "consolidated.safetensors"} & names
    assert not any(name.endswith(".part") for name in names)
    plan = read_plan(path)
    assert plan is not None
    assert (plan.repository, plan.revision) == ("org/tiny", COMMIT)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].done == told[-1].total == plan.size == sum(file.size for file in plan.files)
    model = load_pretrained(path, device="cpu", precision="float32", threads=1, revision=COMMIT)
    assert model.folder.revision == COMMIT


def test_what_is_there_is_not_asked_for_again(hub: FakeHub, tmp_path: Path) -> None:
    download_model("org/tiny", tmp_path)
    hub.log.clear()
    download_model("org/tiny", tmp_path)
    download_model("org/tiny", tmp_path, revision=COMMIT)
    assert hub.log == []


def test_nothing_is_asked_before_a_download_and_offline_is_respected(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_models(tmp_path, cache=tmp_path)
    find_unfinished(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE forbids it"):
        download_model("org/tiny", tmp_path)
    assert hub.log == []


def test_a_connection_that_is_cut_once_is_gone_on_with(hub: FakeHub, tmp_path: Path) -> None:
    hub.cuts["model.safetensors"] = [40_000]
    path = download_model("org/tiny", tmp_path)
    first, second = hub.asked_for("model.safetensors")
    assert first is None
    assert second is not None
    assert (path / "model.safetensors").read_bytes() == hub.files["model.safetensors"]


def test_a_connection_that_stays_cut_is_reported_and_the_next_download_goes_on(hub: FakeHub, tmp_path: Path) -> None:
    hub.cuts["model.safetensors"] = [40_000, *[0] * 5]
    with pytest.raises(DownloadError, match="The connection broke off"):
        download_model("org/tiny", tmp_path)
    (unfinished,) = find_unfinished(tmp_path)
    assert unfinished.name == "org/tiny"
    assert 0 < unfinished.done < unfinished.total
    hub.log.clear()
    path = download_model("org/tiny", tmp_path)
    (asked,) = hub.asked_for("model.safetensors")
    assert asked is not None
    assert hub.asked_for("config.json") == [], "what was whole isn't fetched again"
    assert (path / "model.safetensors").read_bytes() == hub.files["model.safetensors"]


def test_a_stopped_download_goes_on_later_at_the_same_revision(hub: FakeHub, tmp_path: Path) -> None:
    told: list[DownloadProgress] = []
    with pytest.raises(DownloadStoppedError, match="can be gone on with later"):
        download_model("org/tiny", tmp_path, progress=told.append, should_stop=lambda: told[-1].done > told[-1].total // 2)
    assert not (tmp_path / "org--tiny").exists()
    told.clear()
    hub.log.clear()
    download_model("org/tiny", tmp_path, progress=told.append)
    assert told[0].done > told[0].total // 2 - 10_000, "progress begins where it was"
    assert not any(path.startswith("/api/") for path, _ in hub.log), "the plan is that of the beginning"


def test_a_download_survives_kill_9(hub: FakeHub, tmp_path: Path) -> None:
    hub.bytes_a_second = 200_000
    program = (
        "from pathlib import Path\n"
        "from core.pretrained.hub import download as hub\n"
        "hub.CHUNK = 4096\n"
        f"hub.download_model('org/tiny', Path({str(tmp_path)!r}))\n"
    )
    root = Path(__file__).parents[3]
    process = subprocess.Popen([sys.executable, "-c", program], cwd=root, env={**os.environ, "HF_ENDPOINT": hub.endpoint})
    partial = tmp_path / "org--tiny.part" / "model.safetensors.part"
    deadline = time.monotonic() + 60
    while not (partial.exists() and partial.stat().st_size > 50_000):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = partial.stat().st_size
    assert 0 < there < len(hub.files["model.safetensors"])
    hub.bytes_a_second = None
    hub.log.clear()
    path = download_model("org/tiny", tmp_path)
    assert hub.asked_for("model.safetensors") == [f"bytes={there}-"]
    assert (path / "model.safetensors").read_bytes() == hub.files["model.safetensors"]
    load_pretrained(path, device="cpu", precision="float32", threads=1)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_damaged_file_is_thrown_away(name: str, hub: FakeHub, tmp_path: Path) -> None:
    hub.damaged.add(name)
    with pytest.raises(DownloadError, match=rf"{name} of org/tiny was damaged on the way \(its hash is wrong\)"):
        download_model("org/tiny", tmp_path)
    assert not (tmp_path / "org--tiny").exists()
    assert not (tmp_path / "org--tiny.part" / f"{name}.part").exists()
    hub.damaged.clear()
    download_model("org/tiny", tmp_path)


@pytest.mark.parametrize(("status", "message"), [
    ({"/org/tiny": (401, "RepoNotFound")}, "The hub has no model org/tiny"),
    ({"/org/tiny": (404, "RepoNotFound")}, "The hub has no model org/tiny"),
    ({"/org/tiny": (403, "GatedRepo")}, "accept them on https://huggingface.co/org/tiny, then make the access token known"),
    ({"model.safetensors": (403, "GatedRepo")}, "who have accepted its terms"),
    ({"config.json": (404, "EntryNotFound")}, "no longer on the hub"),
    ({"model.safetensors": (500, "")}, r"the server answers 500\): try again later"),
])
def test_what_the_hub_refuses_is_reported_in_a_sentence(
    status: dict[str, tuple[int, str]], message: str, hub: FakeHub, tmp_path: Path
) -> None:
    hub.status = status
    with pytest.raises(DownloadError, match=message) as raised:
        download_model("org/tiny", tmp_path)
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_a_revision_that_does_not_exist_is_reported(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="no such revision"):
        download_model("org/tiny", tmp_path, revision="f" * 40)


def test_a_hub_that_cannot_be_reached_is_reported(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"The connection broke off|could not be downloaded"):
        download_model("org/tiny", tmp_path)


def test_room_on_the_disk_is_looked_for_before_anything_is_fetched(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**5))
    with pytest.raises(DownloadError, match=r"needs 0\.\d GB more on the disk, and only 0\.0 GB are free"):
        download_model("org/tiny", tmp_path)
    assert hub.asked_for("config.json") == []


def test_a_disk_that_fills_up_is_reported(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("huggingface_hub.file_download.http_get", full)
    with pytest.raises(DownloadError, match="The disk is full: org/tiny is only partly there"):
        download_model("org/tiny", tmp_path)


@pytest.mark.parametrize("name", ["tiny", "org/../x", "org/tiny/x", "", "https://huggingface.co/org/tiny", "org/ tiny"])
def test_a_name_that_is_none_is_refused(name: str, hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="is no name of a model"):
        download_model(name, tmp_path)
    assert hub.log == []


def test_a_model_without_safetensors_is_refused_before_it_is_downloaded(hub: FakeHub, tmp_path: Path) -> None:
    del hub.files["model.safetensors"]
    with pytest.raises(DownloadError, match="no safetensors weights"):
        download_model("org/tiny", tmp_path)


def test_a_kind_that_cannot_be_used_is_refused_after_its_configuration(hub: FakeHub, tmp_path: Path) -> None:
    hub.files["config.json"] = b'{"model_type": "git"}'
    with pytest.raises(DownloadError, match="GIT computes its attention outside"):
        download_model("org/tiny", tmp_path)
    assert hub.asked_for("model.safetensors") == []


def test_models_are_found_and_removed_with_their_room(hub: FakeHub, tmp_path: Path, content: dict[str, bytes]) -> None:
    models, cache = tmp_path / "models", tmp_path / "cache"
    download_model("org/tiny", models)
    snapshot = cache / "models--other--tiny" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (snapshot / name).write_bytes(content[name])
    (cache / "models--no--model" / "snapshots" / "x").mkdir(parents=True)
    (models / "something else").mkdir()
    own, shared = find_models(models, cache=cache)
    assert (own.name, own.is_shared, own.folder.revision) == ("org/tiny", False, COMMIT)
    assert (shared.name, shared.is_shared, shared.folder.revision) == ("other/tiny", True, COMMIT)
    assert find_model("other/tiny", models, cache=cache) == snapshot
    with pytest.raises(PretrainedModelError, match="isn't on this computer"):
        find_model("no/model", models, cache=cache)
    assert remove_model("org/tiny", models) == own.size > len(content["model.safetensors"])
    assert find_models(models, cache=cache) == [shared]
    with pytest.raises(PretrainedModelError, match="no downloaded model other/tiny"):
        remove_model("other/tiny", models)
