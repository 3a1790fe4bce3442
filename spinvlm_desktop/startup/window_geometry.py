"""The window's size and place, and its dividers, from one start to the next."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow

from spinvlm_desktop.chat.chat_tab import ChatTab
from spinvlm_desktop.system import paths

USUAL_SIZE = QSize(1280, 800)
TITLE_BAR = 40
"""Pixels of the screen's height for what the system puts around the window, which Qt knows only when it is shown."""
DIVIDERS = "dividers/"


def restore_geometry(window: QMainWindow, tab: ChatTab) -> None:
    """As it was stored; where it wasn't, a size that the screen has room for."""
    window.resize(USUAL_SIZE.boundedTo(window.screen().availableSize() - QSize(0, TITLE_BAR)))
    stored = _file()
    geometry = stored.value("window")
    if isinstance(geometry, QByteArray):
        window.restoreGeometry(geometry)
    values = {name.removeprefix(DIVIDERS): stored.value(name) for name in stored.allKeys() if name.startswith(DIVIDERS)}
    tab.restore_dividers({name: value for name, value in values.items() if isinstance(value, QByteArray)})


def store_geometry(window: QMainWindow, tab: ChatTab) -> None:
    """For the next start."""
    stored = _file()
    stored.setValue("window", window.saveGeometry())
    stored.remove(DIVIDERS.rstrip("/"))
    for name, state in tab.dividers().items():
        stored.setValue(DIVIDERS + name, state)


def _file() -> QSettings:
    return QSettings(str(paths.config_folder() / "window.ini"), QSettings.Format.IniFormat)
