"""Answers take the room that they need, and what can be done with them appears without moving anything."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QFrame, QLabel
from pytestqt.qtbot import QtBot

from spinvlm_desktop.chat.panel.turn_view import TurnView
from spinvlm_desktop.widgets.buttons.hover_button import HoverButton
from tests.spinvlm_desktop.chat.patch_answers import make_answer
from tests.spinvlm_desktop.driving import named


@pytest.fixture
def view(qtbot: QtBot) -> TurnView:
    view = TurnView("Is there a dog?")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.set_looking(False)
    view.show_answer(make_answer("yes"), meta="0.1 s")
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    focus = QApplication.focusWidget()
    if focus is not None:
        focus.clearFocus()
    point(view, over=False)
    return view


def point(view: TurnView, *, over: bool) -> None:
    """Move the pointer over the turn, or away: there is none where tests run."""
    view.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, over)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Enter if over else QEvent.Type.Leave))


def test_a_one_word_answer_takes_one_line(view: TurnView, qtbot: QtBot) -> None:
    (card,) = [frame for frame in view.findChildren(QFrame) if frame.property("card")]
    QApplication.processEvents()
    assert card.sizeHint().height() < 3 * view.fontMetrics().height()


@pytest.mark.parametrize("name", ["Copy the answer", "Answer this question again", "Edit this question and ask again"])
def test_buttons_appear_under_the_pointer_and_with_the_focus_and_move_nothing(
    view: TurnView, qtbot: QtBot, name: str
) -> None:
    button = named(view, HoverButton, name)
    before, height = button.geometry(), view.sizeHint().height()
    assert not button.is_seen()
    view.activateWindow()
    button.setFocus()
    assert button.is_seen()
    button.clearFocus()
    qtbot.waitUntil(lambda: not button.is_seen())
    point(view, over=True)
    assert button.is_seen()
    assert (button.geometry(), view.sizeHint().height()) == (before, height)


def test_how_an_answer_was_made_is_seen_by_who_looks_inside(view: TurnView) -> None:
    made = next(label for label in view.findChildren(QLabel) if label.text().startswith("0.1 s"))
    assert not made.isVisible()
    view.set_looking(True)
    assert made.isVisible()
