"""Stand-ins for the environment that run.py makes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")


def stand_in(path: Path, script: str) -> None:
    """An executable that takes the place of a virtual environment's Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def touch(path: str | Path) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()


def finished(run: ModuleType, project: Path) -> Any:
    """An environment whose program is installed."""
    environment = run.Environment(str(project))
    touch(environment.python)
    (project / ".venv" / "installed-program.txt").write_text(environment.wanted_stamp())
    assert environment.has("program", environment.wanted_stamp())
    return environment
