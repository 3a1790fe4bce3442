"""`python -m bundle`, which `python run.py bundle` starts: build, finish, try, weigh, pack, test."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import torch.version

from bundle.archive import pack
from bundle.finishing import bundle_folder, finish, program_in
from bundle.size_report import size_report
from bundle.smoke_test import smoke_test
from spinvlm_desktop import __version__

ROOT = Path(__file__).parent.parent
WORK = ROOT / "build" / "pyinstaller"
OUT = ROOT / "dist"
PROGRAM_VARIABLE = "SPINVLM_BUNDLE"
"""Names the built program to tests/bundle, which are skipped without it: a bundle of yesterday proves nothing."""


def main() -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python run.py bundle", description="Build the program as a folder that needs no Python, and try it."
    )
    parser.add_argument("--no-archive", action="store_true", help="leave the folder unpacked")
    parser.add_argument("--no-tests", action="store_true", help="only the smoke test, not tests/bundle")
    parser.add_argument("--level", type=int, default=19, help="of the archive's compression, 1 to 19 (default: 19)")
    chosen = parser.parse_args()
    start = time.monotonic()
    if torch.version.cuda is not None or torch.version.hip is not None:
        _say(
            "This PyTorch is built for a GPU, which makes the bundle some gigabytes larger. For the CPU build: delete .venv, "
            "set PIP_EXTRA_INDEX_URL to the CPU index that PyTorch's installation page names, and start again."
        )
        return 1
    _say("building; this takes some minutes")
    if not _build():
        return 1
    folder = bundle_folder(OUT)
    finish(folder, WORK / "build")  # PyInstaller's own folder there is named for build.spec
    program = program_in(folder)
    _say(f"built in {time.monotonic() - start:.0f} s; smoke test, with PATH and PYTHONPATH empty")
    if smoke_test(program) != 0:
        return 1
    print(size_report(folder))
    if not chosen.no_archive:
        name = f"SpinVLM-{__version__}-{_system()}-{platform.machine().lower()}"
        archive = pack(folder, OUT / name, level=chosen.level)
        print(f"{archive.name}: {archive.stat().st_size / 1e6:.0f} MB")
    code = 0
    if not chosen.no_tests:
        _say("tests of the bundle")
        environment = {**os.environ, PROGRAM_VARIABLE: str(program)}
        code = subprocess.call([sys.executable, "-m", "pytest", "-q", "tests/bundle"], cwd=ROOT, env=environment)
    _say(f"done in {time.monotonic() - start:.0f} s: {folder}")
    return code


def _build() -> bool:
    """Run PyInstaller; what it says goes into a file, and its end to the user where it fails."""
    WORK.mkdir(parents=True, exist_ok=True)
    log = WORK / "build.log"
    # --clean: what it keeps between builds may be older than a source that was changed while it worked.
    command = [
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--distpath", str(OUT), "--workpath", str(WORK),
        "build.spec",
    ]
    with log.open("w", encoding="utf-8") as file:
        # The same order of what is hashed gives the same archive.
        environment = {**os.environ, "PYTHONHASHSEED": "1"}
        code = subprocess.call(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, env=environment)
    if code != 0:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        _say("\n".join([*last, f"PyInstaller failed; all it said is in {log}"]))
    return code == 0


def _system() -> str:
    return {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")


def _say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
