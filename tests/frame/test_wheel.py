"""The source distribution builds, and from it a wheel that carries all that the program reads."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from spinvlm_desktop import __version__

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "training", "spinvlm_desktop", "resources")
BUILD = "import sys, setuptools.build_meta as backend; getattr(backend, sys.argv[1])(sys.argv[2])"
FOR_BUNDLES = (".ico", ".icns")
"""Icons of executables, which a wheel has none of."""


def build(kind: str, source: Path, out: Path) -> Path:
    """Without a network: by the build backend that is installed."""
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, f"build_{kind}", str(out)], cwd=source, env=environment, capture_output=True, text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (made,) = [path for path in out.iterdir() if path.suffix == {"sdist": ".gz", "wheel": ".whl"}[kind]]
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source distribution, not from here."""
    place = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place / name)
    out = tmp_path_factory.mktemp("out")
    with tarfile.open(build("sdist", place, out)) as archive:
        archive.extractall(out, filter="data")
    return build("wheel", out / f"spinvlm_desktop-{__version__}", out)


def test_it_carries_every_module_and_everything_that_they_read(wheel: Path) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix() for name in PACKAGES for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in FOR_BUNDLES
    }
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())
    assert "resources/models/starter.safetensors" in wanted
    assert wanted <= carried, sorted(wanted - carried)
    assert not [name for name in carried if name.startswith(("tests", "bundle"))]


def test_it_brings_both_commands(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"spinvlm_desktop-{__version__}.dist-info/entry_points.txt").decode()
    points = configparser.ConfigParser()
    points.read_string(text)
    assert dict(points["console_scripts"]) == {"spinvlm": "spinvlm_desktop.commands.command_line:main"}
    assert dict(points["gui_scripts"]) == {"spinvlm-desktop": "spinvlm_desktop.__main__:main"}
