"""Files that are no model get one sentence, and nothing in them is run."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from core.errors import ModelFileError
from core.files.checkpoint import load_model, read_model_info
from tests.core.files.checkpoint.model_files import refusal


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
