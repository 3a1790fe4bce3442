"""What run.py says where system libraries of the window are missing."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of Linux libraries")
def test_missing_libraries_are_found_out(run: ModuleType) -> None:
    assert run.missing_libraries({"libc.so.6": (), "libnot-there.so.9": ()}) == ["libnot-there.so.9"]


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt", "sudo apt install libegl1 libxcb-cursor0"),
        ("dnf", "sudo dnf install libglvnd-egl xcb-util-cursor"),
        ("pacman", "sudo pacman -S libglvnd xcb-util-cursor"),
        ("zypper", "sudo zypper install libglvnd libxcb-cursor0"),
    ],
)
def test_missing_libraries_are_reported_with_the_command_that_brings_them(
    run: ModuleType, manager: str, command: str
) -> None:
    assert run.library_complaint(["libEGL.so.1", "libxcb-cursor.so.0"], manager) == (
        "The window needs system libraries that are missing here (libEGL.so.1, libxcb-cursor.so.0); install them with: "
        + command
    )


def test_an_unknown_system_gets_the_names_alone(run: ModuleType) -> None:
    assert run.library_complaint([], "apt") is None
    assert run.library_complaint(["libGL.so.1"], None).endswith(
        "(libGL.so.1); install them with your system's package manager."
    )


def test_every_library_names_a_package_for_every_manager(run: ModuleType) -> None:
    libraries = {**run.WINDOW_LIBRARIES, **run.X11_LIBRARIES}
    assert {len(packages) for packages in libraries.values()} == {len(run.INSTALL_COMMANDS)}


@pytest.mark.parametrize(
    ("platform", "environment", "asked_for_x11"),
    [
        ("linux", {}, True),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("darwin", {}, None),
        ("win32", {}, None),
    ],
)
def test_libraries_are_looked_for_only_where_a_window_needs_them(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, project: Path, *,
    platform: str, environment: dict[str, str], asked_for_x11: bool | None,
) -> None:  # fmt: skip
    looked_for: list[str] = []
    monkeypatch.setattr(run, "ROOT", str(project))
    monkeypatch.setattr(run, "missing_libraries", lambda libraries: looked_for.extend(libraries) or list(libraries)[:1])
    assert run.window_complaint(platform, environment) is None, "there is no window in this folder yet"
    (project / "spinvlm_desktop").mkdir()
    (project / "spinvlm_desktop" / "app.py").touch()
    complaint = run.window_complaint(platform, environment)
    assert (complaint is None) == (asked_for_x11 is None)
    assert ("libxcb-cursor.so.0" in looked_for) == bool(asked_for_x11)
    assert ("libEGL.so.1" in looked_for) == (asked_for_x11 is not None)
