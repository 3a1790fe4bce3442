from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ERRORS = """
import logging, sys, threading
from spinvlm_desktop.system.log_file import diagnostics, start_log
from PySide6.QtCore import qWarning
path = start_log()
print(path, flush=True)
qWarning("a word from Qt")
thread = threading.Thread(target=lambda: 1 / 0, name="worker")
thread.start()
thread.join()
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("x").warning("a sum failed", exc_info=True)
assert "torch" not in sys.modules
print(diagnostics(Model="starter"))
raise RuntimeError("nobody caught this")
"""
ROTATION = """
import logging
from spinvlm_desktop.system.log_file import start_log
start_log()
for number in range(40000):
    logging.getLogger("x").info("line %d %s", number, "x" * 80)
"""


def run(program: str, home: Path, user: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SPINVLM_HOME": str(home), "HOME": str(user)}
    return subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_whatever_goes_wrong_lands_in_the_log(tmp_path: Path) -> None:
    user = tmp_path / "user"
    home = user / "spinvlm"
    done = run(ERRORS, home, user)
    log = (home / "logs" / "spinvlm.log").read_text(encoding="utf-8")
    assert done.returncode == 1
    assert "a word from Qt" in log
    assert "ZeroDivisionError" in log
    assert log.count("Traceback") == 3, "of the warning, too"
    assert "uncaught error in thread worker" in log
    assert "RuntimeError: nobody caught this" in log
    report = done.stdout.split("\n", 1)[1]
    assert "Model: starter" in report
    assert "ZeroDivisionError" in report
    assert str(user) not in report


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(ERRORS, tmp_path / "file" / "home", tmp_path)
    assert done.stdout.startswith("None\n")
    assert "There is no log file" in done.stderr
    assert "nobody caught this" in done.stderr
    assert "a sum failed (division by zero)" in done.stderr
    assert done.stderr.count("Traceback") == done.stderr.count("CRITICAL"), "a warning is a sentence on a terminal"


def test_old_lines_make_room(tmp_path: Path) -> None:
    run(ROTATION, tmp_path, tmp_path)
    files = sorted((tmp_path / "logs").glob("spinvlm.log*"))
    assert len(files) == 3
    assert all(file.stat().st_size <= 1_000_000 for file in files)
    assert "line 39999" in files[0].read_text()
