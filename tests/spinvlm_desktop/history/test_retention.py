"""Conversations that are forgotten after some days."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, ask, change_history, change_settings, kept_turns, listed, open_photo


def test_the_conversation_on_show_is_not_forgotten_and_what_is_asked_next_is_kept(
    window: MainWindow, qtbot: QtBot, beach_photo: Path, own_home: Path
) -> None:
    ask(window, qtbot, "Where is this?")
    open_photo(window, qtbot, beach_photo)
    ask(window, qtbot)
    change_history(own_home, "UPDATE conversations SET changed = 0")
    reported: list[str] = []
    window.statusBar().messageChanged.connect(reported.append)
    change_settings(window, retention_days=1)
    assert listed(window) == [QUESTION], "the other one is gone"
    ask(window, qtbot, "Is there a dog?")
    assert [turn.question for turn in kept_turns(window)] == [QUESTION, "Is there a dog?"]
    assert not any("Couldn't save" in sentence for sentence in reported)
