"""On Windows torch's base library is loaded before Qt's; elsewhere nothing is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from spinvlm_desktop.startup.torch_library import load_before_qt


@pytest.fixture
def torch_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch is found."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "c10.dll").touch()
    found = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found if name == "torch" else None)
    return tmp_path


def test_it_is_loaded_on_windows_alone(torch_folder: Path) -> None:
    loaded: list[str] = []
    for platform in ("linux", "darwin"):
        load_before_qt(platform, load=loaded.append)
    assert loaded == []
    load_before_qt("win32", load=loaded.append)
    assert loaded == [str(torch_folder / "lib" / "c10.dll")]


def test_what_cannot_be_loaded_or_is_not_there_stops_nothing(torch_folder: Path) -> None:
    def broken(_: str) -> None:
        raise OSError("not a library")

    load_before_qt("win32", load=broken)
    (torch_folder / "lib" / "c10.dll").unlink()
    load_before_qt("win32", load=broken)
