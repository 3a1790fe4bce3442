"""What a bundle gets besides what PyInstaller puts into it: licences, a desktop file, words on what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bundle.licence_files import TEXT_NAME
from bundle.platform_files import desktop_entry

ROOT = Path(__file__).parent.parent
README = """SpinVLM - ask questions about photos, offline

Start          double-click SpinVLM, or run ./SpinVLM [PHOTO ...]
Command line   ./SpinVLM ask --image PHOTO --prompt "What is the person doing?"; ./SpinVLM --help lists all commands
Does it work?  ./SpinVLM selftest
Menu entry     ./install.sh adds SpinVLM to the menu of your desktop and to "Open with" of images; ./install.sh --remove undoes it

The folder may be anywhere, also where it can't be written, and may be moved as a whole (run ./install.sh again then).
It needs a Linux with a glibc as new as that of the system it was built on, and for the window libEGL, libGL and libxcb,
which every desktop has. Its own files are kept in the folders for a program's data in your home; SPINVLM_HOME names another.

LICENSE and THIRD-PARTY-LICENCES.txt have the licences.
"""


def bundle_folder(out: Path) -> Path:
    """The folder, or on macOS the .app, that is given to people."""
    return out / ("SpinVLM.app" if sys.platform == "darwin" else "SpinVLM")


def program_in(folder: Path) -> Path:
    """The program to start; on Windows the one that talks to a console."""
    if sys.platform == "darwin":
        return folder / "Contents" / "MacOS" / "SpinVLM"
    return folder / ("spinvlm-cli.exe" if sys.platform == "win32" else "SpinVLM")


def finish(folder: Path, work: Path) -> None:
    """Complete a built bundle. work: PyInstaller's working folder, where the licences were written."""
    if sys.platform == "darwin":
        return  # signed as it is; build.spec has put the licences into it
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    shutil.copy(work / TEXT_NAME, folder / TEXT_NAME)
    if sys.platform.startswith("linux"):
        (folder / "README.txt").write_text(README, encoding="utf-8")
        (folder / "spinvlm.desktop").write_text(desktop_entry("SpinVLM"), encoding="utf-8")
        shutil.copy(ROOT / "resources" / "icons" / "spinvlm-256.png", folder / "spinvlm.png")
        script = folder / "install.sh"
        shutil.copy(ROOT / "bundle" / "linux" / "install.sh", script)
        script.chmod(0o755)
