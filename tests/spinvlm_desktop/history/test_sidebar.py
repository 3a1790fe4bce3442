from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.history.listing import undo_bar
from spinvlm_desktop.history.listing.conversation_list import DAY_ROLE, IMAGE_ROLE, day_words
from spinvlm_desktop.history.listing.list_view import ConversationList
from spinvlm_desktop.history.listing.sidebar import HistorySidebar
from spinvlm_desktop.history.listing.undo_bar import UndoBar
from spinvlm_desktop.history.records import Conversation
from tests.spinvlm_desktop.driving import named, visible_text


def conversation(number: int, title: str) -> Conversation:
    return Conversation(number, title, "0" * 64, "beach.jpg", 1e9, 1e9)


@pytest.fixture
def sidebar(qtbot: QtBot) -> HistorySidebar:
    sidebar = HistorySidebar()
    qtbot.addWidget(sidebar)
    sidebar.resize(240, 500)
    sidebar.show()
    sidebar.show_conversations([conversation(2, "Dogs"), conversation(1, "Beach")])
    return sidebar


def test_a_conversation_is_chosen_by_click_and_by_enter(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    view = named(sidebar, ConversationList, "Conversations")
    place = view.visualRect(view.conversations.index(1)).center()
    with qtbot.waitSignal(sidebar.conversation_chosen) as chosen:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [1]
    with qtbot.waitSignal(sidebar.conversation_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Up)
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == [2]


def test_f2_renames_and_an_empty_title_is_none(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    sidebar.select(1)
    view = named(sidebar, ConversationList, "Conversations")
    with qtbot.waitSignal(sidebar.renamed) as renamed:
        QTest.keyClick(view, Qt.Key.Key_F2)
        editor = view.findChildren(QLineEdit)[0]
        editor.setText("At the sea")
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert renamed.args == [1, "At the sea"]


def test_delete_asks_and_undo_takes_it_back(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    sidebar.select(2)
    with qtbot.waitSignal(sidebar.delete_requested) as deleted:
        QTest.keyClick(named(sidebar, ConversationList, "Conversations"), Qt.Key.Key_Delete)
    assert deleted.args == [2]
    sidebar.show_undo(2, "Dogs")
    undo = named(sidebar, QPushButton, "Undo the deletion")
    with qtbot.waitSignal(sidebar.undo_requested) as undone:
        sidebar.undo_deletion()
    assert undone.args == [2]
    with qtbot.assertNotEmitted(sidebar.undo_requested):
        undo.click()


def test_a_second_deletion_ends_the_first_ones_undo(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo_bar, "UNDO_MS", 200)
    window = QWidget()
    qtbot.addWidget(window)
    elsewhere, bar = QLineEdit(), UndoBar()  # it waits while its button has the focus
    column = QVBoxLayout(window)
    column.addWidget(elsewhere)
    column.addWidget(bar)
    window.show()
    elsewhere.setFocus()
    bar.show_for(1, "one")
    with qtbot.waitSignal(bar.expired) as expired:
        bar.show_for(2, "two")
    assert expired.args == [1]
    with qtbot.waitSignal(bar.expired, timeout=3000) as expired:
        pass
    assert expired.args == [2]
    assert not bar.isVisible()


def test_a_search_is_made_after_a_pause_or_by_enter_and_cleared_by_escape(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    field = named(sidebar, QLineEdit, "Search conversations")
    with qtbot.waitSignal(sidebar.search_changed) as searched:
        qtbot.keyClicks(field, "do")
    assert searched.args == ["do"]
    qtbot.keyClicks(field, "gs")
    with qtbot.waitSignal(sidebar.search_changed, timeout=100) as searched:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert searched.args == ["dogs"]
    sidebar.show_conversations([])
    assert "dogs" in visible_text(sidebar)
    with qtbot.waitSignal(sidebar.search_changed) as searched:
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert searched.args == [""]


def test_the_chosen_one_stays_chosen_when_the_list_changes(sidebar: HistorySidebar) -> None:
    sidebar.select(1)
    sidebar.show_conversations([conversation(3, "New"), conversation(1, "Beach")])
    view = named(sidebar, ConversationList, "Conversations")
    assert view.id_of(view.currentIndex()) == 1


def test_thumbnails_are_read_only_of_conversations_in_sight(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    asked: list[str] = []
    sidebar.set_thumbnails(lambda image_hash: asked.append(image_hash))
    sidebar.show_conversations([replace(conversation(number, "Many"), image_hash=f"{number}") for number in range(500)])
    qtbot.waitUntil(lambda: "0" in asked)
    assert len(asked) == len(set(asked)) < 50


def test_thumbnails_are_read_beside_the_window_and_kept(sidebar: HistorySidebar, qtbot: QtBot) -> None:
    released, threads = threading.Event(), list[int]()

    def read(_image_hash: str) -> QImage:
        assert released.wait(20), "the window waits for it"
        threads.append(threading.get_ident())
        picture = QImage(8, 8, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.red)
        return picture

    view = named(sidebar, ConversationList, "Conversations")
    model = view.conversations
    sidebar.set_thumbnails(read)
    sidebar.show_conversations([conversation(1, "Beach")])
    assert model.index(0).data(IMAGE_ROLE) is None, "not there yet, and not waited for"
    sidebar.show_conversations([conversation(2, "Dogs"), conversation(1, "Beach")])
    sidebar.select(1)
    QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChildren(QLineEdit)[0]
    editor.setText("At the sea")
    with qtbot.waitSignal(model.thumbnail_read):
        released.set()
    assert editor.text() == "At the sea", "a title is typed on meanwhile"
    qtbot.waitUntil(lambda: all(model.index(row).data(IMAGE_ROLE) is not None for row in range(2)))
    sidebar.show_conversations([conversation(1, "Beach")])
    assert model.index(0).data(IMAGE_ROLE) is not None, "no flicker when the list is shown again"
    assert len(threads) == 1
    assert threads[0] != threading.get_ident()


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "Today"), (timedelta(hours=14), "Today"), (timedelta(hours=16), "Yesterday"),
        (timedelta(days=3), "Saturday"), (timedelta(days=40), "15 October"), (timedelta(days=400), "20 October 2025"),
        (timedelta(days=-1), "Today"),
    ],
)
def test_days_in_words(ago: timedelta, words: str) -> None:
    now = datetime(2026, 11, 24, 15, 0)
    assert day_words((now - ago).timestamp(), now=now) == words


def test_conversations_stand_below_the_day_of_their_last_change(sidebar: HistorySidebar) -> None:
    noon = datetime(2026, 11, 20, 12).timestamp()
    changed = [noon, noon - 3600, noon - 24 * 3600]
    sidebar.show_conversations([replace(conversation(n, "Dogs"), changed=when) for n, when in enumerate(changed)])
    view = named(sidebar, ConversationList, "Conversations")
    days = [view.conversations.index(row).data(DAY_ROLE) for row in range(3)]
    assert [day is not None for day in days] == [True, False, True]
    assert days[0] != days[2]
    heights = [view.visualRect(view.conversations.index(row)).height() for row in range(3)]
    assert heights[0] == heights[2] > heights[1], "there is room for the day's name"


@pytest.mark.parametrize(
    ("title", "question", "answer", "name"),
    [
        ("What is this?", "What is this?", "a dog in the snow", "A dog in the snow"),
        ("Is there a dog?", "Is there a dog?", "yes", "beach.jpg"),
        ("What is this?", "What is this?", "", "beach.jpg"),
        ("Holidays", "What is this?", "a dog in the snow", "Holidays"),
        ("x" * 59 + "…", "x" * 80, "a dog in the snow", "A dog in the snow"),
    ],
)
def test_a_conversation_is_called_by_its_given_title_an_answer_or_its_photo(
    title: str, question: str, answer: str, name: str
) -> None:
    assert replace(conversation(1, title), question=question, answer=answer).name == name


def test_it_says_where_conversations_are_not_kept(sidebar: HistorySidebar) -> None:
    sentence = named(sidebar, QLabel, "Whether conversations are kept")
    assert not sentence.isVisible()
    sidebar.show_lasting(False)
    sidebar.show_conversations([])
    assert sentence.isVisible()
    assert "until the program ends" in visible_text(sidebar)
