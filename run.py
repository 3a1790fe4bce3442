"""Sets the program up in a folder of its own (.venv) and runs it. Needs nothing but Python.

    python run.py                 start the program
    python run.py ask ...         ask on the command line (train, pairs, check: likewise)
    python run.py test            run every check: ruff, pyright, import contracts, pytest
"""

from __future__ import print_function

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import time

OLDEST_PYTHON = (3, 11)
ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
CHECKS = (
    ("ruff", ["-m", "ruff", "check", "."]),
    ("pyright", ["-m", "pyright"]),
    ("import contracts", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ("pytest", ["-m", "pytest"]),
)
# Library, and its package by package manager; a window needs all of them, the command line none.
WINDOW_LIBRARIES = (
    ("libEGL.so.1", {"apt-get": "libegl1", "dnf": "libglvnd-egl", "pacman": "libglvnd", "zypper": "libEGL1"}),
    ("libGL.so.1", {"apt-get": "libgl1", "dnf": "libglvnd-glx", "pacman": "libglvnd", "zypper": "libGL1"}),
    ("libxkbcommon.so.0", {"apt-get": "libxkbcommon0", "dnf": "libxkbcommon", "pacman": "libxkbcommon", "zypper": "libxkbcommon0"}),
    ("libdbus-1.so.3", {"apt-get": "libdbus-1-3", "dnf": "dbus-libs", "pacman": "dbus", "zypper": "libdbus-1-3"}),
    ("libfontconfig.so.1", {"apt-get": "libfontconfig1", "dnf": "fontconfig", "pacman": "fontconfig", "zypper": "libfontconfig1"}),
    ("libxcb-cursor.so.0", {"apt-get": "libxcb-cursor0", "dnf": "xcb-util-cursor", "pacman": "xcb-util-cursor",
                            "zypper": "libxcb-cursor0"}),
)
INSTALL_COMMANDS = {"apt-get": "sudo apt-get install", "dnf": "sudo dnf install", "pacman": "sudo pacman -S", "zypper": "sudo zypper install"}


def python_complaint(version):
    """A sentence where Python is too old, else None. version: as sys.version_info."""
    if tuple(version[:2]) >= OLDEST_PYTHON:
        return None
    command = {"darwin": "brew install python@3.12", "win32": "winget install Python.Python.3.12"}.get(
        sys.platform, "sudo apt-get install python3.11 python3.11-venv"
    )
    return "This program needs Python 3.11 or newer and this is Python %d.%d; get one with: %s" % (version[0], version[1], command)


def missing_libraries():
    """Names of the system libraries that a window needs and that can't be loaded."""
    missing = []
    for name, _ in WINDOW_LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing


def library_complaint(missing, manager):
    """A sentence that names missing libraries and the command that brings them, or None where none is missing."""
    if not missing:
        return None
    packages = sorted({packages.get(manager, name) for name, packages in WINDOW_LIBRARIES if name in missing})
    start = "The window needs system libraries that are missing here (%s)" % ", ".join(missing)
    if manager is None:
        return start + "; install them with your system's package manager."
    return "%s; install them with: %s %s" % (start, INSTALL_COMMANDS[manager], " ".join(packages))


def package_manager():
    """The system's package manager, of those known here, or None."""
    return next((name for name in INSTALL_COMMANDS if shutil.which(name)), None)


def venv_python(venv=VENV):
    """The interpreter inside the virtual environment."""
    return os.path.join(venv, "Scripts", "python.exe") if os.name == "nt" else os.path.join(venv, "bin", "python")


def wanted_stamp(root=ROOT):
    """Changes when what is to be installed changes."""
    digest = hashlib.sha256(("%s %s" % (sys.version, root)).encode())
    for name in ("constraints.txt", "pyproject.toml"):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def is_installed(stamp, venv=VENV, extra=""):
    """Whether a finished installation of this stamp is there."""
    try:
        with open(os.path.join(venv, "installed%s.txt" % extra)) as file:
            return file.read() == stamp and os.path.exists(venv_python(venv))
    except OSError:
        return False


def write_stamp(stamp, venv=VENV, extra=""):
    """Written last: an installation that was cut off has none and is made again."""
    with open(os.path.join(venv, "installed%s.txt" % extra), "w") as file:
        file.write(stamp)


def install(development):
    """Make the environment and install what is pinned, where that isn't done yet."""
    stamp = wanted_stamp()
    extra = "-test" if development else ""
    if is_installed(stamp, extra=extra) or (not development and is_installed(stamp, extra="-test")):
        return
    if not is_installed(stamp) and not is_installed(stamp, extra="-test"):
        print("Setting up .venv; this happens once and takes some minutes.", file=sys.stderr)
        shutil.rmtree(VENV, ignore_errors=True)
        call([sys.executable, "-m", "venv", VENV], "The virtual environment could not be made (on Debian: sudo apt-get install python3-venv)")
    constraints = ["--constraint", os.path.join(ROOT, "constraints.txt")]
    pip = [venv_python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    sorry = "The packages could not be installed; this needs a connection the first time"
    # torch comes first: a build that is installed already decides what the others may bring.
    call([*pip, "torch", *constraints], sorry)
    project = ROOT + ("[dev]" if development else "")
    call([*pip, "--editable", project, *constraints], sorry)
    write_stamp(stamp, extra=extra)


def call(command, complaint):
    """Run a command; where it fails, say so in a sentence and end the program."""
    done = subprocess.run(command)
    if done.returncode != 0:
        sys.exit("%s (see the lines above)." % complaint)


def run_checks(arguments):
    """Every check, also after one has failed. Returns the exit code."""
    results = []
    for name, command in CHECKS:
        print("== %s" % name, flush=True)
        start = time.time()
        done = subprocess.run([venv_python(), *command, *(arguments if name == "pytest" else [])], cwd=ROOT)
        results.append((name, done.returncode, time.time() - start))
    print("== summary", flush=True)
    for name, code, seconds in results:
        print("%-17s %s (%.0f s)" % (name, "passed" if code == 0 else "FAILED", seconds), flush=True)
    return 1 if any(code for _, code, _ in results) else 0


def main(arguments):
    """Returns the exit code, unless the program takes this process over."""
    complaint = python_complaint(sys.version_info)
    if complaint:
        return complaint
    testing = arguments[:1] == ["test"]
    install(development=testing)
    if testing:
        return run_checks(arguments[1:])
    if not arguments and sys.platform.startswith("linux"):
        complaint = library_complaint(missing_libraries(), package_manager())
        if complaint:
            return complaint
    command = [venv_python(), "-m", "spinvlm_desktop", *arguments]
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
