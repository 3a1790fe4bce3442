"""install.sh: the desktop's menu and "Open with", from a place whose name needs every kind of quoting."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from spinvlm_desktop import __version__

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="desktop files are Linux's")


def install(script: Path, user: Path, *arguments: str) -> str:
    environment = {"HOME": str(user), "PATH": "/usr/bin:/bin"}
    command = ["/bin/sh", script, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def program_of(exec_line: str) -> str:
    """The program in an Exec line as the Desktop Entry Specification has it read: a string, then quotes, then % codes."""
    text = exec_line.replace("\\\\", "\\")
    match = re.fullmatch(r'"((?:[^"\\]|\\.)*)" %F', text)
    assert match is not None, exec_line
    return re.sub(r"\\(.)", r"\1", match.group(1)).replace("%%", "%")


def test_the_menu_entry_is_valid_and_starts_the_program(moved: Path, tmp_path: Path) -> None:
    user = tmp_path / "user"
    user.mkdir()
    assert "Open with" in install(moved.parent / "install.sh", user)
    entry = user / ".local/share/applications/spinvlm.desktop"
    if shutil.which("desktop-file-validate") is not None:
        for file in (entry, moved.parent / "spinvlm.desktop"):
            checked = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
            assert (checked.returncode, checked.stdout) == (0, ""), checked.stdout
    lines = dict(line.split("=", 1) for line in entry.read_text(encoding="utf-8").splitlines() if "=" in line)
    assert program_of(lines["Exec"]) == str(moved)
    done = subprocess.run([program_of(lines["Exec"]), "--version"], capture_output=True, text=True, check=False)
    assert __version__ in done.stdout
    assert "image/heic" in lines["MimeType"]
    assert (user / ".local/share/icons/hicolor/256x256/apps/spinvlm.png").is_file()
    linked = subprocess.run([user / ".local/bin/spinvlm", "--version"], capture_output=True, text=True, check=False)
    assert __version__ in linked.stdout, "the bundle starts through a link, too"
    install(moved.parent / "install.sh", user, "--remove")
    left = [path.name for path in user.rglob("*") if not path.is_dir()]
    assert left in ([], ["mimeinfo.cache"]), "the cache is the system's own"


def test_an_own_command_of_that_name_is_left_alone(moved: Path, tmp_path: Path) -> None:
    command = tmp_path / "user/.local/bin/spinvlm"
    command.parent.mkdir(parents=True)
    command.write_text("mine")
    for arguments in ((), ("--remove",)):
        install(moved.parent / "install.sh", tmp_path / "user", *arguments)
        assert command.read_text() == "mine"
