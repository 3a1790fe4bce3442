"""The built program, tried as on a machine that has nothing of what built it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

_OURS = ("PYTHON", "LD_", "DYLD_", "QT_PLUGIN", "QML", "VIRTUAL_ENV", "CONDA", "PIP_")
"""What variables that lead a program to its files begin with."""


def bare_environment(home: Path) -> dict[str, str]:
    """This environment without anything that leads to an installed Python. home: where the program keeps its files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, "PATH": "", "PYTHONPATH": "", "SPINVLM_HOME": str(home)}


def smoke_test(program: Path) -> int:
    """`selftest` in an empty folder; returns its exit code."""
    with tempfile.TemporaryDirectory(prefix="spinvlm-smoke-") as name:
        # A relative path would be looked up in the other folder.
        return subprocess.call([program.resolve(), "selftest"], cwd=name, env=bare_environment(Path(name) / "home"))
