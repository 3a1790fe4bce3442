"""A display for the real program, and hands to use it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.history.store import HistoryStore


def missing_tools() -> list[str]:
    """What this machine lacks for it."""
    return [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]


@contextmanager
def open_display() -> Iterator[str]:
    """A display of its own; gives its name."""
    reading, writing = os.pipe()
    # Each time the last client goes, Xvfb would start over and refuse those that come meanwhile: xdotool comes and goes.
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        try:
            yield ":" + os.read(reading, 20).decode().strip()
        finally:
            os.close(reading)
            server.terminate()


def hands(display: str, *command: str) -> str:
    """What xdotool does with these words, and what it says."""
    done = subprocess.run(
        ["xdotool", *command], env={**os.environ, "DISPLAY": display}, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip()


def wait_for_window(display: str, program: subprocess.Popen[bytes]) -> str:
    """The number of the program's window, once it is shown."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended"
        if found := hands(display, "search", "--onlyvisible", "--name", "^SpinVLM$"):
            return found.splitlines()[0]
        time.sleep(0.1)
    raise AssertionError("no window came")


def quit_by_key(display: str, window: str, program: subprocess.Popen[bytes]) -> None:
    """On a busy machine the first keys may come before the window can take them."""
    try:
        for _ in range(15):
            hands(display, "key", "--window", window, "ctrl+q")
            with suppress(subprocess.TimeoutExpired):
                assert program.wait(timeout=3) == 0
                return
        raise AssertionError("the program doesn't end")
    finally:
        # xdotool lets go of the keys in the window that it pressed them in. Where that one has gone meanwhile, the
        # display takes them for held down, repeats them, and quits the next program that opens a window there.
        hands(display, "keyup", "q", "keyup", "ctrl")


def ask(display: str, window: str, question: str) -> None:
    """Type a question into the field and send it."""
    hands(display, "mousemove", "--window", window, "1000", "750", "click", "1")
    hands(display, "key", "ctrl+a")
    hands(display, "type", "--delay", "20", question)
    hands(display, "key", "Return")


def wait_for_turn(home: Path, program: subprocess.Popen[bytes], question: str) -> Turn:
    """The first time that it was asked in the history, when it has its answer."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert program.poll() is None, "the program ended"
        turns = kept_turns(home, question)
        if turns and turns[0].answer is not None:
            return turns[0]
        time.sleep(0.3)
    raise AssertionError("no answer came")


def kept_turns(home: Path, question: str) -> list[Turn]:
    """Every time that it was asked in the history; a photo also describes itself. home: as SPINVLM_HOME."""
    store = HistoryStore(home / "data")
    try:
        turns = [turn for conversation in store.conversations() for turn in store.turns(conversation.id)]
        return [turn for turn in turns if turn.question == question]
    finally:
        store.close()
