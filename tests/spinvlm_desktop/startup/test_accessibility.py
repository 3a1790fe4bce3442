"""What a screen reader finds in the window, and what keys alone reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLabel, QListView, QWidget
from pytestqt.qtbot import QtBot

from core.answers import Answer, PatchToken
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.settings.app_settings import AppSettings
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.driving import look_inside, named


def token(index: int, text: str) -> PatchToken:
    whole, kept, elsewhere = (np.full((4, 8), value, np.float32) for value in (0.9, 1, 0))
    return PatchToken(index, index, text, 0.5, whole, kept, np.full((4, 8, 14, 14), 0.9 / 196, np.float32), elsewhere)


@pytest.fixture
def window(qtbot: QtBot, own_home: Path, tmp_path: Path) -> Iterator[MainWindow]:
    """With a photo and an answered question on show; no model is needed for what this is about."""
    draw_photo(tmp_path / "beach.jpg")
    window = MainWindow(AppSettings(describe_photos=False), SettingsStore(paths.config_folder() / "settings.json"))
    window.show()
    look_inside(window)
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=60_000):
        window.open_photos([tmp_path / "beach.jpg"])
    window.conversation.ask("What is this?")
    tokens = tuple(token(index, text) for index, text in enumerate([" a", " boy", " plays"]))
    window.service.answered.emit(1, Answer("What is this?", "a boy plays", tokens, "end", -2.0, 0.1))
    assert window.conversation.focus.shown() is not None
    yield window
    window.close()
    window.deleteLater()


def name_of(widget: QWidget) -> str:
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found else ""


def test_everything_that_takes_the_focus_has_a_name(window: MainWindow) -> None:
    reached = [
        widget for widget in window.tab.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert len(reached) > 15
    assert [f"{type(w).__name__} {w.objectName()}" for w in reached if not name_of(w) and w.focusProxy() is None] == []


def test_tab_goes_round_the_whole_chat(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    window.tab.chat.field.setFocus()
    seen: list[QWidget] = []
    for _ in range(80):
        focus = QApplication.focusWidget()
        assert focus is not None
        if focus in seen:
            break
        seen.append(focus)
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
    conversations = named(window.tab.sidebar, QListView, "Conversations")
    for widget in (window.tab.image.view, window.tab.attention.grid, conversations, window.tab.chat.field):
        assert widget in seen, name_of(widget)


def test_photo_grid_and_map_are_described_in_words(window: MainWindow, qtbot: QtBot) -> None:
    view, grid = window.tab.image.view, window.tab.attention.grid
    assert name_of(view) == "Photo"
    assert view.accessibleDescription() == "beach.jpg"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert "row 8 of 14, column 8 of 14" in view.accessibleDescription()
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.accessibleDescription() == "Layer 2, head 1: 90% on the photo, kept"
    assert "Strongest: " in named(window.tab.inspector, QLabel, "The map in words").text()
