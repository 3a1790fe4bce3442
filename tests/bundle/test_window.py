"""The window of the bundle, on a display of its own, used with hands."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bundle.reachable_libraries import needed_libraries
from bundle.smoke_test import bare_environment
from tests.real_display import ask, kept_turns, quit_by_key, wait_for_turn, wait_for_window

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses an X display")


def window_environment(display: str, home: Path) -> dict[str, str]:
    return {**bare_environment(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}


@contextmanager
def started(program: Path, photos: list[Path], environment: dict[str, str], cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program; killed at the end where it still runs. Nothing that it wrote is a stack trace."""
    log = cwd / "stderr.txt"
    with log.open("wb") as errors, subprocess.Popen([program, *photos], env=environment, cwd=cwd, stderr=errors) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


QUESTION = "What is the person doing?"


def test_a_question_is_typed_and_answered(program: Path, display: str, photo: Path, home: Path, tmp_path: Path) -> None:
    with started(program, [photo], window_environment(display, home), tmp_path) as running:
        window = wait_for_window(display, running)
        for _ in range(5):  # on a busy machine the first keys may come before the window can take them
            ask(display, window, QUESTION)
            time.sleep(3)
            if kept_turns(home, QUESTION):
                break
        turn = wait_for_turn(home, running, QUESTION)
        quit_by_key(display, window, running)
    assert turn.answer is not None
    assert turn.answer.text.strip()


def test_a_second_start_hands_its_photo_over(program: Path, display: str, photo: Path, home: Path, tmp_path: Path) -> None:
    environment = window_environment(display, home)
    other = tmp_path / "a second photo.jpg"
    shutil.copy(photo, other)
    with started(program, [photo], environment, tmp_path) as first:
        window = wait_for_window(display, first)
        second = subprocess.run([program, other.name], env=environment, cwd=tmp_path, timeout=60, check=False)
        assert second.returncode == 0
        assert first.poll() is None
        time.sleep(1)
        quit_by_key(display, window, first)
    settings = json.loads((home / "config" / "settings.json").read_text(encoding="utf-8"))
    assert [Path(name).name for name in settings["recent_images"]] == [other.name, photo.name]


def test_a_home_that_can_not_be_written_stops_no_window(program: Path, display: str, photo: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    with started(program, [photo], window_environment(display, in_the_way / "home"), tmp_path) as running:
        window = wait_for_window(display, running)
        quit_by_key(display, window, running)


def test_every_library_finds_what_it_needs(folder: Path) -> None:
    """In the bundle, or in what every Linux with a desktop has."""
    system = (
        "libc.so", "libm.so", "libmvec.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so", "ld-linux", "libresolv.so",
        "libGL.so", "libEGL.so", "libGLX.so", "libOpenGL.so", "libxcb.so", "libwayland-", "libdrm.so", "libgbm.so", "libX11.so",
    )
    libraries = [path for path in folder.rglob("*.so*") if path.is_file()]
    there = {path.name for path in libraries}
    missing = {
        (path.name, name) for path in libraries for name in needed_libraries(path)
        if name not in there and not name.startswith(system)
    }
    assert not missing


def test_nothing_is_inside_that_nobody_needs(folder: Path) -> None:
    files = list(folder.rglob("*"))
    assert not [path for path in files if path.is_symlink() and not path.exists()], "links that lead nowhere"
    names = "\n".join(str(path.relative_to(folder)) for path in files).lower()
    for unwanted in (
        "libcuda", "_cuda", "cudnn", "cublas", "nvidia", "torchvision/", "torch/test/", "torch/include/", "test_api", "qt6qml",
        "qt6quick", "libgtk", "translations", "hypothesis", "pytest", "direct_url.json", "libc.so", "libmvec",
    ):
        assert unwanted not in names, unwanted
    assert "torch/bin/torch_shm_manager" in names
    size = sum(path.stat().st_size for path in files if path.is_file() and not path.is_symlink())
    assert size <= 720e6, f"{size / 1e6:.0f} MB"
    assert os.access(folder / "install.sh", os.X_OK)
