"""The real program in a process of its own, on a display of its own, with hands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinvlm_desktop.pictures.drawn_photos import draw_photo
from tests.real_display import ask, kept_turns, missing_tools, open_display, quit_by_key, wait_for_turn, wait_for_window

pytestmark = pytest.mark.skipif(bool(missing_tools()), reason=f"needs {' and '.join(missing_tools())}")
NO_MODEL_IMPORT = "import sys, spinvlm_desktop.startup.app, spinvlm_desktop.startup.main_window; sys.exit('torch' in sys.modules)"

QUESTION = "What is this?"


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with open_display() as name:
        yield name


def test_a_question_is_typed_and_answered_and_survives_a_kill(display: str, tmp_path: Path) -> None:
    photo, home = tmp_path / "ein Bild ü.jpg", tmp_path / "home"
    draw_photo(photo)
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "SPINVLM_HOME": str(home)}
    command = [sys.executable, "-m", "spinvlm_desktop", str(photo)]
    with subprocess.Popen(command, env=environment) as program:
        try:
            window = wait_for_window(display, program)
            for _ in range(5):  # on a busy machine the first keys may come before the window can take them
                ask(display, window, QUESTION)
                time.sleep(3)
                if kept_turns(home, QUESTION):
                    break
            answered = wait_for_turn(home, program, QUESTION)
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
    (kept,) = kept_turns(home, QUESTION)
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


def test_a_photo_that_is_not_there_is_reported_in_the_window(display: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "SPINVLM_HOME": str(tmp_path / "home")}
    with subprocess.Popen([sys.executable, "-m", "spinvlm_desktop", "missing.jpg"], env=environment) as program:
        try:
            window = wait_for_window(display, program)
            quit_by_key(display, window, program)
        finally:
            program.kill()


def test_the_window_needs_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", NO_MODEL_IMPORT], check=False).returncode == 0
