"""The built program, tried where users put it. `python run.py bundle` builds it and runs these tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bundle.smoke_test import bare_environment
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from tests.real_display import missing_tools, open_display

PROGRAM_VARIABLE = "SPINVLM_BUNDLE"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def program() -> Path:
    """The executable in the bundle."""
    named = os.environ.get(PROGRAM_VARIABLE)
    if not named:
        pytest.skip("no bundle was built in this run; `python run.py bundle` builds one and runs these tests on it")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def folder(program: Path) -> Path:
    return program.parent


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "ein Foto ü 写真.jpg"
    draw_photo(path)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(program: Path, home: Path, tmp_path: Path) -> Run:
    """Runs the program with arguments as on a machine that has nothing else of ours; says what it printed."""

    def run(
        *arguments: str | Path, executable: Path = program, before: tuple[str, ...] = (), cwd: Path = tmp_path,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, executable, *map(str, arguments)], cwd=cwd, env=environment or bare_environment(home),
            capture_output=True, text=True, encoding="utf-8", timeout=150, check=False,
        )

    return run


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    if missing_tools():
        pytest.skip(f"needs {' and '.join(missing_tools())}")
    with open_display() as name:
        yield name


@pytest.fixture
def moved(program: Path, tmp_path: Path) -> Path:
    """The whole bundle at a place with spaces and letters beyond ASCII."""
    place = tmp_path / "Programme für 写真 $HOME 100%" / "Spin VLM"
    shutil.copytree(program.parent, place, symlinks=True, copy_function=_link_or_copy)
    return place / program.name


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
