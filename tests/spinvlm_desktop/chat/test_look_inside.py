"""*Look inside*: what the switch on the photo brings into sight and into force, and what is left without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QToolButton
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.config import SpinConfig
from spinvlm_desktop.chat.chat_tab import NARROW
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.chat.panel.answer_text import AnswerText
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import ask, kept_turns, look_inside, named, open_photo, restart


def photo_is_plain(window: MainWindow) -> bool:
    shown = window.tab.image.current()
    assert shown is not None
    return window.tab.image.render_picture().convertToFormat(shown.pixels.format()) == shown.pixels


def answer_text(window: MainWindow, qtbot: QtBot) -> AnswerText:
    """As soon as it can be seen."""
    def visible() -> list[AnswerText]:
        return [text for text in window.tab.chat.findChildren(AnswerText) if text.isVisible() and text.words]

    qtbot.waitUntil(lambda: bool(visible()))
    return visible()[-1]


def test_an_answer_leaves_the_photo_as_it_is(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    assert photo_is_plain(window)
    assert not window.tab.inspector.isVisible()
    qtbot.mouseClick(named(window.tab, QToolButton, "Look inside"), Qt.MouseButton.LeftButton)
    assert window.tab.inspector.isVisible()
    assert not photo_is_plain(window), "the map of the word that looked at the photo most"
    qtbot.keyClick(window.tab.chat.field, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not window.tab.inspector.isVisible()
    assert photo_is_plain(window)


def test_the_focus_goes_to_the_question_where_what_had_it_goes_out_of_sight(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    look_inside(window)
    following = named(window.tab, QToolButton, "Next word")
    following.setFocus()
    assert window.focusWidget() is following
    qtbot.keyClick(following, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not following.isVisible()
    assert window.focusWidget() is window.tab.chat.field


@pytest.mark.parametrize("way", ["escape", "a click on the photo", "the same word again"])
def test_a_clicked_word_shows_its_map_alone_until_it_is_dismissed(window: MainWindow, qtbot: QtBot, way: str) -> None:
    ask(window, qtbot)
    answer_text(window, qtbot).word_clicked.emit(1)
    word = window.tab.attention.current_word()
    assert word is not None
    assert word.index == 1
    assert not photo_is_plain(window)
    assert not window.tab.inspector.isVisible()
    if way == "escape":
        qtbot.keyClick(window.tab.chat.field, Qt.Key.Key_Escape)
    elif way == "a click on the photo":
        view = window.tab.image.view
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.picture_rect().center().toPoint())
    else:
        answer_text(window, qtbot).word_clicked.emit(1)
    assert photo_is_plain(window)
    assert window.tab.attention.current_word() is None


def test_what_cannot_be_seen_changes_no_answer(window: MainWindow, qtbot: QtBot) -> None:
    """The user's own SPIN and heads are in force while they can be seen, and come back with what shows them."""
    own = SpinConfig(keep=2, alpha=0.3)
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("on", own))
    ask(window, qtbot)
    window.tab.attention.set_ablated(frozenset({(0, 1)}))
    window.tab.look_inside.setChecked(False)
    plain = ask(window, qtbot)
    assert isinstance(plain, Answer)
    assert all(token.head_gate.min() == 1 for token in plain.tokens)
    look_inside(window)
    ask(window, qtbot)
    assert [turn.spin for turn in kept_turns(window)] == [own, None, own]


def test_look_inside_and_the_list_of_conversations_are_remembered(
    open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = open_window()
    assert (window.settings.look_inside, window.settings.show_conversations) == (False, True)
    look_inside(window)
    named(window.tab, QToolButton, "Conversations").click()
    assert not window.tab.sidebar.isVisible()
    again = restart(window, open_window)
    assert again.tab.look_inside.isChecked()
    assert not again.tab.sidebar.isVisible()
    named(again.tab, QToolButton, "Conversations").click()
    assert again.tab.sidebar.isVisible()


def test_a_head_chosen_for_one_photo_is_not_kept_for_the_next(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    look_inside(window)
    ask(window, qtbot)
    window.tab.attention.grid.head_chosen.emit((1, 2))
    assert "layer 2, head 3" in window.tab.attention.map_in_words()
    ask(window, qtbot, "Where is this?")
    assert "layer 2, head 3" in window.tab.attention.map_in_words(), "the same photo"
    draw_photo(tmp_path / "other.jpg", shirt="green")
    open_photo(window, qtbot, tmp_path / "other.jpg")
    ask(window, qtbot)
    assert "kept heads" in window.tab.attention.map_in_words()


def test_the_chat_goes_below_the_photo_where_the_window_is_narrow(window: MainWindow, qtbot: QtBot) -> None:
    def below() -> bool:
        image, chat = (widget.mapTo(window, QPoint()) for widget in (window.tab.image, window.tab.chat))
        return chat.y() > image.y() and chat.x() < image.x() + window.tab.image.width()

    window.resize(1280, 800)
    qtbot.waitUntil(lambda: not below())
    window.resize(NARROW - 60, 800)
    qtbot.waitUntil(below)
    assert window.width() < NARROW
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: not below())


def drag(splitter: QSplitter, qtbot: QtBot, *, by: int) -> None:
    """Its first divider, by pixels."""
    handle = splitter.handle(1)
    start = handle.rect().center()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(handle, start + QPoint(by, 0))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=start)


def test_until_a_divider_is_dragged_the_photo_gets_what_the_chat_leaves(
    open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = open_window()
    sides = window.tab.chat.parentWidget()
    assert isinstance(sides, QSplitter)
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: sides.width() < 900)
    assert window.tab.chat.width() < 0.46 * sides.width()
    window.resize(1900, 1000)
    qtbot.waitUntil(lambda: sides.width() > 1500)
    assert window.tab.chat.width() < 0.3 * sides.width()
    drag(sides, qtbot, by=-150)
    dragged = window.tab.chat.width()
    window.resize(1880, 1000)
    assert window.tab.chat.width() == pytest.approx(dragged, abs=20)


def test_dividers_are_remembered_and_a_double_click_resets_them(
    open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = open_window()
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.tab.chat.width() < 500)
    usual = window.tab.chat.width()
    sides = window.tab.chat.parentWidget()
    assert isinstance(sides, QSplitter)
    drag(sides, qtbot, by=-100)
    wider = window.tab.chat.width()
    assert wider > usual + 50
    again = restart(window, open_window)
    again.resize(1280, 800)
    qtbot.waitUntil(lambda: abs(again.tab.chat.width() - wider) < 20)
    sides = again.tab.chat.parentWidget()
    assert isinstance(sides, QSplitter)
    qtbot.mouseDClick(sides.handle(1), Qt.MouseButton.LeftButton)
    assert again.tab.chat.width() == pytest.approx(usual, abs=20)


def test_a_setting_taken_from_a_measurement_is_in_force_and_in_sight(window: MainWindow) -> None:
    window.measure.setting_wanted.emit(None, SpinConfig(keep=3, alpha=0.2))
    assert window.tab.inspector.isVisible()
    assert window.tab.spin_bar.choice().spin == SpinConfig(keep=3, alpha=0.2)
    named(window.tab.spin_bar, QPushButton, "SPIN off").click()
    assert window.tab.spin_bar.choice().mode == "off"


def test_a_chip_says_what_is_not_as_measured_and_puts_it_back(window: MainWindow, qtbot: QtBot) -> None:
    chip = window.tab.chat.chip
    look_inside(window)
    ask(window, qtbot)
    assert not chip.isVisible()
    before = window.tab.chat.field.y()
    window.tab.attention.set_ablated(frozenset({(0, 1), (2, 3)}))
    named(window.tab.spin_bar, QPushButton, "SPIN on").click()
    assert "2 heads off · SPIN changed" in chip.text()
    assert window.tab.chat.field.y() == before, "nothing moves"
    window.tab.look_inside.setChecked(False)
    assert not chip.isVisible(), "they aren't in force"
    look_inside(window)
    chip.click()
    assert not chip.isVisible()
    assert window.tab.attention.ablated() == frozenset()
    assert not window.tab.spin_bar.choice().by_user


def test_three_bubbles_explain_the_first_look_once(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    assert not window.first_look.isVisible()
    field = window.tab.chat.field
    window.activateWindow()
    field.setFocus()
    look_inside(window)
    seen: list[str] = []
    while window.first_look.isVisible():
        assert field.hasFocus() or seen, "typing goes on"
        seen.append(named(window.first_look, QLabel, "Hint").text())
        window.first_look.findChildren(QPushButton)[0].click()
    assert len(set(seen)) == len(seen) == 3
    window.tab.look_inside.setChecked(False)
    look_inside(window)
    assert not window.first_look.isVisible()
    assert window.settings.first_look_taken


def test_a_hint_that_was_followed_makes_room_for_the_next_and_all_end_with_the_tab(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    look_inside(window)
    hint, text = named(window.first_look, QLabel, "Hint"), answer_text(window, qtbot)
    assert "Click another word" in hint.text()
    text.word_clicked.emit(1)
    assert "Each square" in hint.text()
    window.tab.attention.grid.head_chosen.emit((0, 1))
    assert "Compare" in hint.text()
    assert hint.height() >= hint.heightForWidth(hint.width()), "all of its lines can be seen"
    window.tabs.setCurrentWidget(window.training)
    window.tabs.setCurrentWidget(window.tab)
    assert not window.first_look.isVisible()


@pytest.mark.parametrize("way", ["a word", "look inside"])
def test_that_words_can_be_clicked_is_said_below_the_answers_until_one_is(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, way: str
) -> None:
    hint = named(window.tab.chat, QLabel, "Hint")
    assert not hint.isVisible(), "there is no word yet"
    ask(window, qtbot)
    assert hint.isVisible()
    assert hint.y() > answer_text(window, qtbot).mapTo(hint.parentWidget(), QPoint()).y()
    if way == "a word":
        answer_text(window, qtbot).word_clicked.emit(0)
    else:
        look_inside(window)
    assert not hint.isVisible()
    ask(window, qtbot, "Is there a dog?")
    assert not hint.isVisible()
    assert restart(window, open_window).settings.words_known


def test_spin_and_the_map_in_words_stand_beside_the_heads_where_there_is_room_and_around_them_elsewhere(
    window: MainWindow, qtbot: QtBot
) -> None:
    ask(window, qtbot)
    look_inside(window)
    inspector = window.tab.inspector
    parts = inspector.spin_bar, inspector.attention.grid, inspector.attention.map

    def places() -> list[QPoint]:
        return [part.mapTo(inspector.widget(), QPoint()) for part in parts]

    window.resize(1600, 900)
    qtbot.waitUntil(lambda: places()[0].x() > places()[1].x())
    spin, heads, found = places()
    assert found.x() > heads.x()
    assert found.y() > spin.y()
    window.resize(NARROW + 100, 900)
    qtbot.waitUntil(lambda: places()[0].x() <= places()[1].x())
    spin, heads, found = places()
    assert spin.y() < heads.y() < found.y()


def test_a_right_click_on_the_photo_offers_the_picture_and_the_look_inside(window: MainWindow) -> None:
    view = window.tab.image.view
    assert view.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert [action.text().replace("&", "") for action in view.actions()] == [
        "Look inside", "This answer as a picture…", "Fit photo",
    ]
    look, _, whole = view.actions()
    look.trigger()
    assert window.tab.inspector.isVisibleTo(window)
    assert not whole.isEnabled()
    view.zoom(2.0)
    whole.trigger()
    assert not whole.isEnabled(), "nothing is enlarged any more"
