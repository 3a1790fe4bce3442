"""Which of the system's libraries the bundle still needs, once what it doesn't hold is left out. Linux only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

Entry = tuple[str, str, str]
"""Destination, source and kind, as PyInstaller lists a file."""
_NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[(.+)\]")


def without_orphans(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without libraries of the system that nothing else among them loads, directly or through others."""
    from_system = {PurePosixPath(entry[0]).name: entry for entry in entries if _is_of_the_system(entry)}
    reached: set[str] = set()
    waiting = [entry[1] for entry in entries if entry[2] != "SYMLINK" and not _is_of_the_system(entry)]
    while waiting:
        for name in needed_libraries(waiting.pop()):
            if name in from_system and name not in reached:
                reached.add(name)
                waiting.append(from_system[name][1])
    return [entry for entry in entries if not _is_of_the_system(entry) or PurePosixPath(entry[0]).name in reached]


def needed_libraries(path: str | Path) -> list[str]:
    """The names of the libraries that a library or a program names as its own, without those that these need."""
    done = subprocess.run(["readelf", "--dynamic", str(path)], capture_output=True, text=True, check=False)
    return _NEEDED.findall(done.stdout)


def _is_of_the_system(entry: Entry) -> bool:
    """A library beside the program that came from the system's folders; Python's own is always loaded."""
    destination, source, kind = entry
    return (
        "/" not in destination and kind == "BINARY" and source.startswith(("/usr/lib", "/lib"))
        and not destination.startswith("libpython")
    )
