"""How this program starts itself again with arguments: for training, checks and measurements in processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CONSOLE_PROGRAM = "spinvlm-cli.exe"
"""Beside the windowed program on Windows, where only a program for the console has a stdout to be read from."""


def is_packaged() -> bool:
    """Whether this is the bundle, with a Python of its own inside, and not a Python that runs the project."""
    return bool(getattr(sys, "frozen", False))


def program_command() -> list[str]:
    """The command, to which arguments such as `train` are added; packaged or not, from any working directory."""
    if not is_packaged():
        return [sys.executable, "-m", "spinvlm_desktop"]
    console = Path(sys.executable).with_name(CONSOLE_PROGRAM)
    return [str(console) if sys.platform == "win32" and console.is_file() else sys.executable]


def restore_environment() -> None:
    """Take back what the bundle's start has set for itself: other programs that it opens need the system's libraries."""
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        os.environ.pop("LD_LIBRARY_PATH", None)


def typed_command() -> str:
    """What a user types to start this program, for sentences that say what to do."""
    if is_packaged():
        return Path(program_command()[0]).name
    return "spinvlm" if Path(sys.argv[0]).stem.startswith("spinvlm") else "python run.py"
