"""A question that can't be answered from a photo gets a sentence and questions to ask instead, with the real starter model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.history.export import import_json, to_json, to_markdown
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import (
    QUESTION,
    TIMEOUT,
    ask,
    kept_turns,
    look_inside,
    open_conversation,
    restart,
    visible_text,
)

SIGN = "What does the sign say?"
INSTEAD = "What is in the photo?"


def offered(view: TurnView) -> list[QPushButton]:
    return [button for button in view.findChildren(QPushButton) if button.accessibleName().startswith("Ask instead: ")]


def turns(window: MainWindow) -> list[TurnView]:
    """Those on show."""
    return [view for view in window.tab.chat.findChildren(TurnView) if not view.isHidden()]


def last_turn(window: MainWindow) -> TurnView:
    return turns(window)[-1]


def wait_for(window: MainWindow, qtbot: QtBot, sentence: str) -> None:
    """Until the newest turn says this."""
    qtbot.waitUntil(lambda: any(sentence in visible_text(view) for view in turns(window)[-1:]), timeout=TIMEOUT)


def test_the_sentence_is_shown_and_its_suggestion_asks_by_key(window: MainWindow, qtbot: QtBot) -> None:
    declined = ask(window, qtbot, SIGN)
    assert isinstance(declined, Answer)
    assert declined.declined is not None
    wait_for(window, qtbot, declined.declined.sentence)
    view = last_turn(window)
    assert view.result_text == declined.declined.sentence, "screen readers say it, Copy copies it"
    assert view.side("answer") is None, "it has no words to click"
    assert window.conversation.focus.shown() is None
    assert window.tab.attention.current_word() is None
    (button,) = offered(view)
    assert button.text() == INSTEAD
    assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert answered.args is not None
    answer = answered.args[1]
    assert (answer.question, answer.declined) == (INSTEAD, None)
    assert window.conversation.focus.shown() == (INSTEAD, answer.text.strip())
    assert [turn.question for turn in kept_turns(window)] == [SIGN, INSTEAD]


@pytest.mark.parametrize(("question", "kind"), [("hello", "greeting"), ("Was macht der Mann auf dem Bild?", "language")])
def test_other_kinds_have_sentences_of_their_own(window: MainWindow, qtbot: QtBot, question: str, kind: str) -> None:
    answer = ask(window, qtbot, question)
    assert isinstance(answer, Answer)
    assert answer.declined is not None
    assert answer.declined.kind == kind
    wait_for(window, qtbot, answer.text)
    assert len(offered(last_turn(window))) == len(answer.declined.suggestions)


def test_a_declined_comparison_is_one_sentence(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    result = ask(window, qtbot, SIGN)
    assert isinstance(result, Comparison)
    wait_for(window, qtbot, result.baseline.text)
    assert len(offered(last_turn(window))) == 1
    assert "SPIN off" not in visible_text(last_turn(window))


def test_it_is_kept_reopened_and_exported(
    window: MainWindow, qtbot: QtBot, open_window: Callable[[], MainWindow], tmp_path: Path
) -> None:
    answer = ask(window, qtbot, QUESTION)
    declined = ask(window, qtbot, SIGN)
    assert isinstance(answer, Answer)
    assert isinstance(declined, Answer)
    assert declined.declined is not None
    number = window.conversation.recorder.id
    assert number is not None
    again = restart(window, open_window)
    open_conversation(again, qtbot, number)
    wait_for(again, qtbot, declined.declined.sentence)
    assert [button.text() for button in offered(last_turn(again))] == [INSTEAD]
    assert again.conversation.focus.shown() == (QUESTION, answer.text.strip()), "the answer that has words"

    store = again.conversation.recorder.store
    record, turns = store.conversation(number), store.turns(number)
    assert "I can't read text or numbers" in to_markdown(record, turns)
    assert f"- {INSTEAD}" in to_markdown(record, turns)
    path = store.image_path(record.image_hash)
    assert path is not None
    exported = to_json(record, turns, path.read_bytes())
    assert json.loads(exported)["turns"][1]["answer"]["declined"] == "text"
    (tmp_path / "talk.json").write_text(exported, encoding="utf-8")
    copy = store.turns(import_json(store, tmp_path / "talk.json").id)[1].answer
    assert copy is not None
    assert copy.declined == declined.declined


def test_a_follow_up_leans_on_the_last_answer_past_what_was_declined(window: MainWindow, qtbot: QtBot) -> None:
    first = ask(window, qtbot, "What color is the dog?")
    ask(window, qtbot, "hello")
    then = ask(window, qtbot, "and the shirt?")
    assert isinstance(first, Answer)
    assert isinstance(then, Answer)
    assert (then.question, then.asked) == ("and the shirt?", "What color is the shirt?")
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.chat.regenerate_requested.emit(3)
    assert answered.args is not None
    assert answered.args[1].asked == then.asked, "Again asks the same"


def test_heads_switched_off_by_hand_stay_off_for_the_next_question(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    window.tab.attention.set_ablated(frozenset({(0, 1)}))
    ask(window, qtbot, SIGN)
    assert window.tab.attention.ablated() == {(0, 1)}
