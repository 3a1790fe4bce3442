"""`spinvlm models`: list, get, check and remove, with a hub on this computer."""

from __future__ import annotations

import os
import re
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

from core.pretrained import library
from core.pretrained.hub import download
from core.pretrained.hub.recommended_models import RECOMMENDED
from spinvlm_desktop.models import model_rows
from spinvlm_desktop.system import paths
from tests.core.pretrained.fake_hub import COMMIT, FakeHub, serve

ROOT = Path(__file__).parents[3]
FAST = ("--threads", "1", "--precision", "float32")


@pytest.fixture(autouse=True)
def home(own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "100")
    return own_home


@pytest.fixture
def hub(pretrained: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    files = {path.name: path.read_bytes() for path in pretrained.iterdir()}
    with serve(FakeHub(files)) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.endpoint)
        monkeypatch.delenv("HF_HUB_OFFLINE")
        monkeypatch.setattr(download, "CHUNK", 4096)
        monkeypatch.setattr("huggingface_hub.file_download.time", SimpleNamespace(sleep=lambda seconds: None))
        yield served


def cached(pretrained: Path, tmp_path: Path, name: str) -> Path:
    """The model in the cache that programs share."""
    snapshot = tmp_path / "cache" / f"models--{name.replace('/', '--')}" / "snapshots" / COMMIT
    return shutil.copytree(pretrained, snapshot)


def test_a_model_is_got_asked_listed_checked_and_removed(run: Any, hub: FakeHub, photos: Path) -> None:
    got = run("models", "get", "org/tiny")
    folder = paths.models_folder() / "org--tiny"
    assert got.code == 0, got.err
    assert got.err == f"org/tiny is in {folder}"
    hub.log.clear()
    assert run("models", "get", "org/tiny").err == f"org/tiny is here already, in {folder}"
    answer = run("ask", "--model", "org/tiny", "-i", photos / "grey.png", *FAST, "--max-tokens", "3")
    assert (answer.code, bool(answer.out.strip())) == (0, True)
    listed = run("models", "list")
    assert re.search(r"^org/tiny .* kB .* yes *$", listed.out, re.MULTILINE)
    checked = run("models", "check", "org/tiny", *FAST)
    assert checked.code == 0, checked.err
    for part in ("3 layers x 8 heads", "4 tokens for one of 320 x 240 pixels", "in float32, with 1 thread\n", COMMIT,
                 "org/tiny can be used."):
        assert part in checked.out
    removed = run("models", "remove", "org/tiny", "--yes")
    assert re.fullmatch(r"org/tiny is removed: \d+ kB are free again\.\n", removed.out)
    assert not folder.exists()
    assert hub.log == [], "nothing but get asks the network"
    assert "isn't on this computer" in run("ask", "--model", "org/tiny", "-i", photos / "grey.png").err


def test_the_list_has_every_recommended_model_with_its_terms_and_what_is_here(
    run: Any, hub: FakeHub, pretrained: Path, tmp_path: Path
) -> None:
    shared, other = RECOMMENDED[1].repository, "someone/else"
    cached(pretrained, tmp_path, shared)
    cached(pretrained, tmp_path, other)
    done = run("models", "list")
    assert done.code == 0
    for model in RECOMMENDED:
        assert model.repository in done.out
        assert model.licence.split(",")[0] in done.out
    rows = {line.split()[0]: line.split()[-1] for line in done.out.splitlines() if "/" in line.split()[0]}
    assert {name for name, here in rows.items() if here == "shared"} == {shared, other}
    assert "518 MB?" in done.out
    assert done.out.count("to be accepted on the hub first") == sum(model.is_gated for model in RECOMMENDED)
    assert "answer" not in done.out.splitlines()[0]
    assert hub.log == []


def test_the_list_says_how_long_an_answer_takes_when_that_is_measured(run: Any) -> None:
    done = run("models", "list", "--measure")
    assert done.out.splitlines()[0].split() == ["model", "download", "memory", "answer", "here"]
    assert len(re.findall(r" \d+ s\s", done.out)) == len(RECOMMENDED)


def test_the_smallest_that_fits_is_marked(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.pretrained.loading.memory_need.available_memory", lambda: 8_000_000_000)
    lines = run("models", "list").out.splitlines()
    at = next(number for number, line in enumerate(lines) if "The smallest that makes sense" in line)
    assert lines[at - 3].startswith("HuggingFaceTB/SmolVLM-256M-Instruct")


def test_a_model_of_the_shared_cache_answers_and_is_left_alone(
    run: Any, pretrained: Path, photos: Path, tmp_path: Path
) -> None:
    snapshot = cached(pretrained, tmp_path, "someone/else")
    done = run("ask", "--model", "someone/else", "-i", photos / "grey.png", *FAST, "--max-tokens", "3")
    assert done.code == 0, done.err
    refused = run("models", "remove", "someone/else", "--yes")
    assert refused.code == 1
    assert f"someone/else lies in a cache that other programs use too, and is left alone: {snapshot}" in refused.err
    assert (snapshot / "config.json").exists()


@pytest.mark.parametrize(("answer", "code", "stays"), [("n\n", 1, True), ("y\n", 0, False)])
def test_removing_asks_first(
    run: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, stays: bool
) -> None:
    run("models", "get", "org/tiny")
    folder = paths.models_folder() / "org--tiny"
    refused = run("models", "remove", "org/tiny")
    assert refused.code == 1
    assert "say so with --yes" in refused.err
    assert folder.exists()
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text: (asked.append(text), answer == "y\n")[1])
    assert run("models", "remove", "org/tiny").code == code
    assert asked == ["Remove org/tiny from this computer?"]
    assert folder.exists() == stays


def test_ctrl_c_pauses_a_download_and_the_next_get_goes_on(run: Any, hub: FakeHub, photos: Path) -> None:
    hub.bytes_a_second = 200_000
    program = (
        "import signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from core.pretrained.hub import download\n"
        "download.CHUNK = 4096\n"
        "from spinvlm_desktop.commands.command_line import main\n"
        "sys.argv = ['spinvlm', 'models', 'get', 'org/tiny']\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=dict(os.environ), stderr=subprocess.PIPE, text=True
    )
    partial = paths.models_folder() / "org--tiny.part" / "model.safetensors.part"
    deadline = time.monotonic() + 100
    while not (partial.exists() and partial.stat().st_size > 50_000):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(
        r"Paused: \d+ kB of \d+ kB are here. `spinvlm models get org/tiny` goes on.", " ".join(complaints.split())
    )
    there = partial.stat().st_size
    assert re.search(r"^org/tiny .* \d\d?% *$", run("models", "list").out, re.MULTILINE)
    refused = run("ask", "--model", "org/tiny", "-i", photos / "grey.png")
    assert re.search(r"Only \d\d?% of org/tiny is here: `models get org/tiny` gets the rest", refused.err)
    hub.bytes_a_second = None
    hub.log.clear()
    assert run("models", "get", "org/tiny").code == 0
    assert hub.asked_for("model.safetensors") == [f"bytes={there}-"]
    got = paths.models_folder() / "org--tiny" / "model.safetensors"
    assert got.read_bytes() == hub.files["model.safetensors"]


@pytest.mark.parametrize(("status", "message"), [
    ({"/org/tiny": (404, "RepoNotFound")}, "The hub has no model org/tiny"),
    ({"/org/tiny": (403, "GatedRepo")}, "accept them on https://huggingface.co/org/tiny, then make the access token known"),
    ({"model.safetensors": (500, "")}, "the server answers 500"),
])
def test_what_the_hub_refuses_is_one_sentence(
    run: Any, hub: FakeHub, status: dict[str, tuple[int, str]], message: str
) -> None:
    hub.status = status
    done = run("models", "get", "org/tiny")
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert "Traceback" not in done.err


def test_no_network_no_room_and_no_library_are_one_sentence(
    run: Any, hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def complaint(*arguments: str) -> str:
        done = run("models", *arguments)
        assert (done.code, done.out) == (1, "")
        assert "Traceback" not in done.err
        return done.err

    with monkeypatch.context() as patch:
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        assert "the hub can't be reached: is this computer online?" in complaint("get", "org/tiny")
    with monkeypatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        assert "HF_HUB_OFFLINE forbids it" in complaint("get", "org/tiny")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(total=10**9, used=10**9, free=10**5))
        assert "GB more on the disk" in complaint("get", "org/tiny")
        assert hub.asked_for("config.json") == [], "looked for before anything is fetched"
    hub.log.clear()
    with monkeypatch.context() as patch:
        patch.setattr(library, "is_installed", lambda: False)
        library.transformers.cache_clear()
        assert "pip install spinvlm-desktop[pretrained]" in complaint("get", "org/tiny")
    assert hub.log == [], "before anything is downloaded"
    assert "is no name of a model on the hub" in complaint("get", "tiny")
    assert "no such revision" in complaint("get", "org/tiny", "--revision", "f" * 40)
    assert "There is no downloaded model org/none" in complaint("remove", "org/none")
    assert "is no name of a model on the hub" in complaint("remove", "../..", "--yes")


def test_what_cannot_be_checked_is_one_sentence(run: Any, pretrained: Path, photos: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(pretrained, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes((pretrained / "model.safetensors").read_bytes()[:-100])
    strange = shutil.copytree(pretrained, tmp_path / "strange")
    (strange / "config.json").write_text('{"model_type": "git"}')
    for where, message in (
        (broken, "model.safetensors is damaged or incomplete"), (strange, "GIT computes its attention outside"),
        (photos / "grey.png", "is a file, and pretrained models are folders"), (tmp_path / "none", "There is no file or folder"),
        ("org/none", "isn't on this computer"),
    ):
        done = run("models", "check", where)
        assert (done.code, done.out) == (1, "")
        assert message in done.err


def test_sizes_are_for_people() -> None:
    assert [model_rows.format_size(size) for size in (4_260_000_000, 518_000_000, 70_400)] == ["4.3 GB", "518 MB", "70 kB"]
