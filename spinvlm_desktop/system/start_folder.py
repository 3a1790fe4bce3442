"""Where dialogs for files open: in the user's own folder for such files, then where the last one was."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QStandardPaths

Kind = Literal["pictures", "documents"]
_PLACES = {
    "pictures": QStandardPaths.StandardLocation.PicturesLocation, "documents": QStandardPaths.StandardLocation.DocumentsLocation,
}


def usual_folder(kind: Kind) -> Path:
    """The system's folder for these; the user's own where there is none."""
    named = QStandardPaths.writableLocation(_PLACES[kind])
    return Path(named) if named and Path(named).is_dir() else Path.home()


class StartFolder:
    """Of one dialog, or of several that go together."""

    def __init__(self, kind: Kind = "documents") -> None:
        self._kind: Kind = kind
        self._last: Path | None = None

    def path(self, name: str = "", *, kind: Kind | None = None) -> str:
        """What the dialog is to begin with. name: the file that is suggested; kind: other files than usual."""
        folder = self._last if self._last is not None and self._last.is_dir() else usual_folder(kind or self._kind)
        return str(folder / name)

    def remember(self, chosen: Path) -> None:
        """Begin beside this file from now on."""
        self._last = chosen.parent
