"""The real program in a process of its own, on a display of its own, with hands."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from spinvlm_desktop.drawn_photos import draw_photo
from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.history.store import HistoryStore

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


def quit_by_key(display: str, window: str, program: subprocess.Popen[bytes]) -> None:
    """On a busy machine the first keys may come before the window can take them."""
    for _ in range(15):
        hands(display, "key", "--window", window, "ctrl+q")
        with suppress(subprocess.TimeoutExpired):
            assert program.wait(timeout=3) == 0
            return
    raise AssertionError("the program doesn't end")


def wait_for_turn(home: Path, program: subprocess.Popen[bytes]) -> Turn:
    """The first question in the history, when it has its answer."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended"
        turns = kept_turns(home)
        if turns and turns[0].answer is not None:
            return turns[0]
        time.sleep(0.3)
    raise AssertionError("no answer came")


def kept_turns(home: Path) -> list[Turn]:
    store = HistoryStore(home / "data")
    try:
        return [turn for conversation in store.conversations() for turn in store.turns(conversation.id)]
    finally:
        store.close()


def test_a_question_is_typed_and_answered_and_survives_a_kill(display: str, tmp_path: Path) -> None:
    photo, home = tmp_path / "ein Bild ü.jpg", tmp_path / "home"
    draw_photo(photo)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "SPINVLM_HOME": str(home)}
    command = [sys.executable, "-m", "spinvlm_desktop", str(photo)]
    with subprocess.Popen(command, env=environment) as program:
        try:
            window = wait_for_window(display, program)
            for _ in range(5):  # on a busy machine the first keys may come before the window can take them
                hands(display, "mousemove", "--window", window, "850", "750", "click", "1")
                hands(display, "key", "ctrl+a")
                hands(display, "type", "--delay", "20", "What is this?")
                hands(display, "key", "Return")
                time.sleep(3)
                if kept_turns(home):
                    break
            answered = wait_for_turn(home, program)
        finally:
            program.kill()
    assert answered.question == "What is this?"
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as program:
        try:
            window = wait_for_window(display, program)
            quit_by_key(display, window, program)
        finally:
            program.kill()
        assert program.stderr is not None
        assert b"Traceback" not in program.stderr.read()
    (kept,) = kept_turns(home)
    assert kept.answer is not None
    assert answered.answer is not None
    assert kept.answer.text == answered.answer.text
    assert "starts" in (home / "logs" / "spinvlm.log").read_text(encoding="utf-8")


def test_a_second_start_hands_its_photo_over(display: str, tmp_path: Path) -> None:
    photo = tmp_path / "ein Bild ü.jpg"
    draw_photo(photo)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "SPINVLM_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "spinvlm_desktop", str(photo)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as program:
        try:
            window = wait_for_window(display, program)
            second = subprocess.run(command, env=environment, timeout=60, check=False)
            assert second.returncode == 0, "a second start hands over and ends"
            assert program.poll() is None
            quit_by_key(display, window, program)
        finally:
            if program.poll() is None:
                program.send_signal(signal.SIGKILL)
        assert program.stderr is not None
        assert b"Traceback" not in program.stderr.read()


def test_a_photo_that_is_not_there_is_told_in_the_window(display: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "SPINVLM_HOME": str(tmp_path / "home")}
    with subprocess.Popen([sys.executable, "-m", "spinvlm_desktop", "missing.jpg"], env=environment) as program:
        try:
            window = wait_for_window(display, program)
            quit_by_key(display, window, program)
        finally:
            program.kill()


def test_the_window_needs_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", NO_MODEL_IMPORT], check=False).returncode == 0
