"""The program's icon, drawn from its SVG."""

from __future__ import annotations

from importlib import resources

from PySide6.QtGui import QIcon, QPixmap


def program_icon() -> QIcon:
    """For the window and its dialogs."""
    drawn = QPixmap()
    drawn.loadFromData(resources.files("resources").joinpath("icons", "spinvlm.svg").read_bytes())
    return QIcon(drawn)
