"""Conversations that are kept, as a user comes back to them, with the real starter model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListView, QToolButton
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.history.listing import undo_bar
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import (
    QUESTION,
    TIMEOUT,
    ask,
    change_history,
    change_settings,
    listed,
    look_inside,
    named,
    open_conversation,
    open_photo,
    restart,
)


def test_a_conversation_is_there_after_a_restart(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path
) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    window.tab.spin_bar.choice_changed.emit()
    compared = ask(window, qtbot, "Where is this?")
    assert isinstance(compared, Comparison)

    again = restart(window, open_window)
    assert again.tab.spin_bar.choice() == SpinChoice("compare", SpinConfig(keep=4))
    assert again.settings.recent_images == (str(beach_photo),)
    assert listed(again) == [QUESTION]
    (conversation,) = again.conversation.recorder.store.conversations()
    open_conversation(again, qtbot, conversation.id)
    assert again.conversation.focus.shown() == ("Where is this?", compared.spin.text.strip())
    word = again.tab.attention.current_word()
    assert word is not None
    shown = again.tab.image.current()
    assert shown is not None
    assert shown.name == beach_photo.name
    again.tab.chat.word_chosen.emit(1, "answer", 0)
    assert again.conversation.focus.shown() == (QUESTION, answer.text.strip())


def test_a_deleted_conversation_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    number = window.conversation.recorder.id
    assert number is not None
    window.tab.sidebar.delete_requested.emit(number)
    assert listed(window) == []
    assert window.conversation.focus.shown() is None
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.undo_requested.emit(number)
    assert listed(window) == [QUESTION]
    assert window.conversation.recorder.id == number


def test_a_deletion_is_final_when_the_window_closes(
    monkeypatch: pytest.MonkeyPatch, open_window: Callable[[], MainWindow], qtbot: QtBot, beach_photo: Path
) -> None:
    monkeypatch.setattr(undo_bar, "UNDO_MS", 50)
    window = open_window()
    window.load_model(None)
    open_photo(window, qtbot, beach_photo)
    ask(window, qtbot)
    number = window.conversation.recorder.id
    assert number is not None
    window.tab.sidebar.delete_requested.emit(number)
    again = restart(window, open_window)
    qtbot.wait(100)  # the closed window's time to undo is over: nothing is to happen to its closed history
    assert listed(again) == []


def test_an_answer_that_is_cut_off_is_kept_as_far_as_it_came(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window.conversation.ask("Describe the image in detail.")
    again = restart(window, open_window)
    (conversation,) = again.conversation.recorder.store.conversations()
    (turn,) = again.conversation.recorder.store.turns(conversation.id)
    assert turn.error is not None
    assert "cut off" in turn.error
    open_conversation(again, qtbot, conversation.id)
    assert again.conversation.recorder.id == conversation.id
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_chosen_model()
    with qtbot.waitSignal(again.service.answered, timeout=TIMEOUT):
        again.tab.chat.regenerate_requested.emit(1)
    assert again.conversation.recorder.store.turns(conversation.id)[0].answer is not None


def test_a_title_follows_the_first_question_but_one_given_by_hand_stays(window: MainWindow, qtbot: QtBot) -> None:
    def edit(turn: int, question: str) -> None:
        with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
            window.tab.chat.question_edited.emit(turn, question)

    ask(window, qtbot)
    ask(window, qtbot, "Where is this?")
    edit(2, "Is there a dog?")
    assert listed(window) == [QUESTION], "a later question isn't what it is called after"
    edit(1, "What color is the shirt?")
    assert listed(window) == ["What color is the shirt?"]
    number = window.conversation.recorder.id
    assert number is not None
    window.tab.sidebar.renamed.emit(number, "At the sea")
    first = window.tab.chat.findChildren(TurnView)[0]
    named(first, QToolButton, "Edit this question and ask again").click()
    window.tab.chat.field.setPlainText("How many people are there?")
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.tab.chat.field.send()
    assert listed(window) == ["At the sea"]


def test_a_title_is_edited_and_the_list_keeps_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    view = named(window.tab.sidebar, QListView, "Conversations")
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChildren(QLineEdit)[0]
    editor.setText("At the sea")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window) == ["At the sea"])
    qtbot.waitUntil(lambda: window.focusWidget() is view)


def test_another_conversation_is_shown_however_fast_they_are_chosen(
    window: MainWindow, qtbot: QtBot, beach_photo: Path
) -> None:
    ask(window, qtbot)
    first = window.conversation.recorder.id
    open_photo(window, qtbot, beach_photo)
    ask(window, qtbot, "Where is this?")
    second = window.conversation.recorder.id
    open_photo(window, qtbot, beach_photo)
    assert first is not None
    assert second is not None
    window.tab.sidebar.conversation_chosen.emit(first)
    window.tab.sidebar.delete_requested.emit(first)
    with qtbot.assertNotEmitted(window.conversation.shown_changed, wait=200):
        pass  # what was deleted while its photo was read doesn't come back
    window.tab.sidebar.undo_requested.emit(first)
    open_conversation(window, qtbot, second)
    assert window.conversation.recorder.id == second
    with qtbot.assertNotEmitted(window.conversation.shown_changed, wait=200):
        pass


def test_history_off_keeps_nothing_on_the_disk(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path
) -> None:
    ask(window, qtbot)
    change_settings(window, keep_history=False)
    ask(window, qtbot, "Where is this?")
    assert listed(window) == ["Where is this?"]
    again = restart(window, open_window)
    assert listed(again) == []
    assert again.settings.recent_images == ()
    change_settings(again, keep_history=True)
    assert listed(again) == [QUESTION], "what was kept before is still there"


def test_a_history_that_fails_is_reported_and_the_chat_goes_on(
    window: MainWindow, qtbot: QtBot, own_home: Path
) -> None:
    reported: list[str] = []
    window.statusBar().messageChanged.connect(reported.append)
    change_history(own_home, "DROP TABLE turns")
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.focus.shown() == (QUESTION, answer.text.strip())
    assert "Couldn't save the conversation" in reported[0]
