"""The window's size and place, and those of its columns, from one start to the next."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QSplitter

from spinvlm_desktop.system import paths

USUAL_SIZE = QSize(1280, 800)
TITLE_BAR = 40
"""Pixels of the screen's height for what the system puts around the window, which Qt knows only when it is shown."""


def restore_geometry(window: QMainWindow, *, columns: QSplitter, rows: QSplitter) -> None:
    """As it was stored; where it wasn't, a size that the screen has room for."""
    window.resize(USUAL_SIZE.boundedTo(window.screen().availableSize() - QSize(0, TITLE_BAR)))
    stored = _file()
    for name, restore in (("window", window.restoreGeometry), ("columns", columns.restoreState), ("rows", rows.restoreState)):
        value = stored.value(name)
        if isinstance(value, QByteArray):
            restore(value)


def store_geometry(window: QMainWindow, *, columns: QSplitter, rows: QSplitter) -> None:
    """For the next start."""
    stored = _file()
    for name, state in (("window", window.saveGeometry()), ("columns", columns.saveState()), ("rows", rows.saveState())):
        stored.setValue(name, state)


def _file() -> QSettings:
    return QSettings(str(paths.config_folder() / "window.ini"), QSettings.Format.IniFormat)
