"""The real program in a process of its own, on a display of its own, with hands."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinvlm_desktop.screenshots import draw_photo

NEEDED = ("Xvfb", "xdotool")
pytestmark = pytest.mark.skipif(
    any(shutil.which(name) is None for name in NEEDED), reason=f"needs {' and '.join(NEEDED)}"
)
NO_MODEL_IMPORT = "import sys, spinvlm_desktop.app, spinvlm_desktop.main_window; sys.exit('torch' in sys.modules)"


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        yield ":" + os.read(reading, 20).decode().strip()
        os.close(reading)
        server.terminate()


def hands(display: str, *command: str) -> str:
    done = subprocess.run(
        ["xdotool", *command], env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip()


def wait_for_window(display: str, program: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended"
        if found := hands(display, "search", "--onlyvisible", "--name", "^SpinVLM$"):
            return found.splitlines()[0]
        time.sleep(0.1)
    raise AssertionError("no window came")


def test_the_program_opens_is_typed_into_takes_a_second_start_and_closes(display: str, tmp_path: Path) -> None:
    photo = tmp_path / "ein Bild ü.jpg"
    draw_photo(photo)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "XDG_DATA_HOME": str(tmp_path / "data")}
    command = [sys.executable, "-m", "spinvlm_desktop", str(photo)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as program:
        try:
            window = wait_for_window(display, program)
            time.sleep(1)
            hands(display, "mousemove", "--window", window, "850", "750", "click", "1")
            hands(display, "type", "--delay", "20", "What is this?")
            hands(display, "key", "Return")
            time.sleep(1)
            second = subprocess.run(command, env=environment, timeout=60, check=False)
            assert second.returncode == 0, "a second start hands over and ends"
            assert program.poll() is None
            hands(display, "key", "--window", window, "ctrl+q")
            assert program.wait(timeout=30) == 0
        finally:
            if program.poll() is None:
                program.send_signal(signal.SIGKILL)
        assert program.stderr is not None
        assert b"Traceback" not in program.stderr.read()


def test_the_window_needs_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", NO_MODEL_IMPORT], check=False).returncode == 0
