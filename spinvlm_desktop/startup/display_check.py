"""Whether there is a display to show a window on; asked before Qt is started, as Qt would only abort."""

from __future__ import annotations

from collections.abc import Mapping

from spinvlm_desktop.system.program_command import typed_command

OFFSCREEN_PLATFORMS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def display_complaint(platform: str, environment: Mapping[str, str]) -> str | None:
    """A sentence where there is no display. platform: as sys.platform."""
    if not platform.startswith("linux") or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return None
    if environment.get("QT_QPA_PLATFORM", "").split(":")[0] in OFFSCREEN_PLATFORMS:
        return None
    return (
        "There is no display to show the window on; ask on the command line instead: "
        f'{typed_command()} ask --image PHOTO --prompt "What is the person doing?"'
    )
