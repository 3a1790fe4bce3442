"""Conversations that are forgotten after some days."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, ask, kept_turns, listed, open_photo


def test_the_conversation_on_show_is_not_forgotten_and_what_is_asked_next_is_kept(
    window: MainWindow, qtbot: QtBot, beach_photo: Path, own_home: Path
) -> None:
    ask(window, qtbot, "Where is this?")
    open_photo(window, qtbot, beach_photo)
    ask(window, qtbot)
    with closing(sqlite3.connect(own_home / "data" / "history.db")) as database, database:
        database.execute("UPDATE conversations SET changed = 0")
    told: list[str] = []
    window.statusBar().messageChanged.connect(told.append)
    window.open_settings()
    dialog = window.findChildren(SettingsDialog)[0]
    dialog.settings_applied.emit(replace(window.settings, retention_days=1))
    assert listed(window) == [QUESTION], "the other one is gone"
    ask(window, qtbot, "Is there a dog?")
    assert [turn.question for turn in kept_turns(window)] == [QUESTION, "Is there a dog?"]
    assert not any("kept" in sentence for sentence in told)
