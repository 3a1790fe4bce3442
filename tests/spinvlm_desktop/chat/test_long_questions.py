"""Whatever is typed gets a sentence, and nothing that was typed is lost."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.chat.panel.length_note import LengthNote, words_in
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT


def test_a_long_question_is_counted_in_words_while_it_is_typed(qtbot: QtBot) -> None:
    note = LengthNote()
    qtbot.addWidget(note)
    note.set_longest(64)
    seen: list[tuple[bool, str]] = []
    for words in (3, 30, 60):
        note.show_length("dog " * words)
        seen.append((not note.isHidden(), note.text()))
    assert [shown for shown, _ in seen] == [False, True, True]
    assert seen[1][1] == "30 of about 41 words"
    assert seen[2][1] == "60 words, and this model takes about 41: please shorten the question."


def test_a_run_of_letters_counts_for_several_words() -> None:
    assert (words_in("is it a dog"), words_in("a" * 120), words_in("")) == (4, 10, 0)


def test_the_count_follows_the_field(window: MainWindow) -> None:
    chat = window.tab.chat
    chat.field.put("Is there a dog?")
    assert not chat.length.isVisible()
    chat.field.put("Is there a dog " * 20)
    assert chat.length.isVisible()
    assert "please shorten" in chat.length.text()
    chat.field.put("")
    assert not chat.length.isVisible()


@pytest.mark.parametrize("typed", ["???", "dog " * 2500, "x" * 10_000, "מה יש בתמונה?", "🐶🐶", "\u200f\u202e", "هل هناك كلب"])
def test_anything_that_is_sent_ends_in_a_sentence(window: MainWindow, qtbot: QtBot, typed: str) -> None:
    chat = window.tab.chat
    chat.field.put(typed)
    chat.field.send()
    qtbot.waitUntil(lambda: any(view.result_text for view in chat.findChildren(TurnView)), timeout=TIMEOUT)
    (view,) = chat.findChildren(TurnView)
    assert any(mark in view.result_text for mark in ("Please", "please", "English", "understand")), view.result_text
    assert view.question == typed.strip()
