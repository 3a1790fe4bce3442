"""What a user does in the window that asks for captions, and what is on the disk then."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from spinvlm_desktop.captioning.notes.notes_store import PHOTOS_FILE
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT
from training.data.json_lines import read_json_lines
from training.data.photo_notes.collection_text import CAPTIONS_FILE, read_captions

PHOTOS = ("a.jpg", "b.jpg", "c.jpg", "d.jpg")


def opened(window: MainWindow, qtbot: QtBot, folder: Path) -> CaptioningWindow:
    with qtbot.waitSignal(window.captioning.opened, timeout=TIMEOUT):
        window.captioning.open(folder)
    captioning = window.captioning.window
    assert captioning is not None
    if captioning.photo is not None:
        shown(captioning, qtbot)
    return captioning


def shown(window: CaptioningWindow, qtbot: QtBot) -> str:
    """Name of the photo, as soon as it is read."""
    name = window.photo
    assert name is not None
    qtbot.waitUntil(lambda: window.pages.loader.get(name) is not None, timeout=TIMEOUT)
    return name


def describe(window: CaptioningWindow, qtbot: QtBot, text: str) -> str:
    """Type what is on the photo, and press Enter; returns the photo."""
    name = shown(window, qtbot)
    field = window.caption.field
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    return name


def said(window: CaptioningWindow) -> dict[str, tuple[str, ...]]:
    """The descriptions that are on the disk."""
    path = window.store.folder / CAPTIONS_FILE
    return read_captions(path) if path.is_file() else {}


def drafts(window: CaptioningWindow) -> dict[str, str]:
    """What is being typed, as it is on the disk."""
    path = window.store.folder / PHOTOS_FILE
    return {values["image"]: values.get("draft", "") for _, values in read_json_lines(path)} if path.is_file() else {}


def text_of(window: CaptioningWindow) -> str:
    return window.caption.text()
