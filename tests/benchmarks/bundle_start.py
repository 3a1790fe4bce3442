"""How soon the built program shows its window and its first answer: `python -m tests.benchmarks.bundle_start [--cold]`.

Started on a display of its own (Xvfb) with a photo, as by a double click on it. A question is typed as soon as the window
is there; the answer counts when the history has it. Cold: the system is asked to forget all files first, which only root
may do. Another busy program disturbs all of it: the least of many rounds says most, and beside the clock's time stands the
processor's, which the program itself has taken.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from bundle.finishing import bundle_folder, program_in
from bundle.smoke_test import bare_environment
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from tests.real_display import ask, hands, kept_turns, open_display

ROOT = Path(__file__).parents[2]
CACHES = Path("/proc/sys/vm/drop_caches")
QUESTION = "What is this?"
RETYPED_S = 4.0
"""The first keys may come before the window takes them."""


def main() -> None:
    """Print the least and the median of both times."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bundle_start")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold", action="store_true", help="forget all files before each start (needs root)")
    parser.add_argument("--source", action="store_true", help="measure the project in .venv instead of the bundle")
    chosen = parser.parse_args()
    program = program_in(bundle_folder(ROOT / "dist"))
    command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "spinvlm_desktop"] if chosen.source else [str(program)]
    with tempfile.TemporaryDirectory(prefix="spinvlm-measure-") as name, open_display() as display:
        photo = Path(name) / "photo.jpg"
        draw_photo(photo)
        times = [_start(command, photo, Path(name) / str(number), display, cold=chosen.cold) for number in range(chosen.rounds)]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{'cold' if chosen.cold else 'warm'}, {chosen.rounds} rounds, load {load} on {os.cpu_count()} cores")
    for place, what in enumerate(("window visible", "first answer")):
        _tell(what, "clock", [measured[place][0] for measured in times])
        _tell(what, "processor", [measured[place][1] for measured in times])


def _start(command: Sequence[str], photo: Path, home: Path, display: str, *, cold: bool) -> list[tuple[float, float]]:
    """Seconds of the clock and of the processor, until the window is shown and until the first answer is in the history."""
    if cold:
        os.sync()
        CACHES.write_text("3")
    environment = {**bare_environment(home), "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    start = time.perf_counter()
    with subprocess.Popen([*command, str(photo)], env=environment, cwd=photo.parent) as running:
        try:
            while not (window := hands(display, "search", "--onlyvisible", "--name", "^SpinVLM$")):
                _check(running)
            shown, typed = _taken(running, start), 0.0
            while not _answered(home):
                if time.perf_counter() - typed > RETYPED_S and not _asked(home):
                    ask(display, window.splitlines()[0], QUESTION)
                    typed = time.perf_counter()
                _check(running)
                time.sleep(0.02)
            return [shown, _taken(running, start)]
        finally:
            running.kill()


def _taken(running: subprocess.Popen[bytes], start: float) -> tuple[float, float]:
    processor = psutil.Process(running.pid).cpu_times()
    return time.perf_counter() - start, processor.user + processor.system


def _asked(home: Path) -> bool:
    return (home / "data" / "history.db").exists() and bool(kept_turns(home, QUESTION))


def _answered(home: Path) -> bool:
    return _asked(home) and kept_turns(home, QUESTION)[0].answer is not None


def _check(running: subprocess.Popen[bytes]) -> None:
    if running.poll() is not None:
        raise SystemExit(f"The program ended with code {running.returncode}.")


def _tell(what: str, whose: str, seconds: list[float]) -> None:
    each = " ".join(f"{value:.2f}" for value in seconds)
    print(f"{what:<15} {whose:<10} least {min(seconds):.2f} s, median {statistics.median(seconds):.2f} s   ({each})")


if __name__ == "__main__":
    main()
