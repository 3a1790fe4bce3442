"""The licences of what the bundle holds, as the About dialog shows them and as a text beside the program."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from spinvlm_desktop.startup.help.licences import BUNDLED_NAME, Component, as_text, installed_components, to_json

TEXT_NAME = "THIRD-PARTY-LICENCES.txt"
_DOCUMENTS = Path("/usr/share/doc")


def write_licences(folder: Path, sources: Sequence[str]) -> list[tuple[str, str, str]]:
    """Write both files into a folder; returns what goes into the program, as PyInstaller lists data files.

    sources: the libraries that go into the bundle, where they are now.
    """
    components = [*installed_components(), _bootloader(), *_system_components(sources)]
    folder.mkdir(parents=True, exist_ok=True)
    data, text = folder / BUNDLED_NAME, folder / TEXT_NAME
    data.write_text(to_json(components), encoding="utf-8")
    text.write_text(as_text(components), encoding="utf-8")
    return [(f"resources/licences/{BUNDLED_NAME}", str(data), "DATA")]


def _bootloader() -> Component:
    """The part of PyInstaller that starts the program; its licence allows that for programs of any licence."""
    distribution = metadata.distribution("pyinstaller")
    texts = [file.read_text(encoding="utf-8") or "" for file in distribution.files or [] if file.name == "COPYING.txt"]
    licence = "GPL-2.0-or-later, with an exception for bundled programs"
    return Component("PyInstaller's bootloader", distribution.version, licence, "\n".join(texts))


def _system_components(sources: Sequence[str]) -> list[Component]:
    """The packages of a Debian system that libraries come from; elsewhere the bundle takes none from the system."""
    from_system = sorted({str(Path(source).resolve()) for source in sources if source.startswith(("/usr/lib", "/lib"))})
    if not from_system or shutil.which("dpkg-query") is None:
        return []
    packages: set[str] = set()
    for path in from_system:
        for name in (path, path.removeprefix("/usr")):  # a merged /usr keeps the old names
            done = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
            packages.update(line.split(":")[0] for line in done.stdout.splitlines() if line.endswith(name))
    return [found for package in sorted(packages) if (found := _debian_component(package)) is not None]


def _debian_component(package: str) -> Component | None:
    text = _DOCUMENTS / package / "copyright"
    if not text.is_file():
        return None
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Version}\n", package], capture_output=True, text=True, check=False
    )
    version = next(iter(asked.stdout.split()), "unknown")
    return Component(package, version, "see its text", text.read_text(encoding="utf-8", errors="replace").strip())
