"""The steps in the window: undone and done again, boxes, and all of it by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from tests.spinvlm_desktop.captioning.captioning_by_keys import describe, shown, text_of
from tests.spinvlm_desktop.driving import named


def test_steps_are_undone_done_again_and_turned_over(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    window.caption.together.setChecked(False)
    first = describe(window, qtbot, "A man")
    second = describe(window, qtbot, "A boat")
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (window.photo, text_of(window), window.desk.done) == (second, "A boat", 1), "typed, but not taken"
    window.redo_button.click()
    assert (window.photo, text_of(window), window.desk.done) == (second, "A boat", 2)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_PageUp)
    assert window.photo == first
    describe(window, qtbot, "A woman")
    assert window.desk.record(first).notes.captions == ("A woman",)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    window.progress.search.setFocus()
    qtbot.keyClicks(window.progress.search, "woman")
    qtbot.keyClick(window.progress.search, Qt.Key.Key_Return)
    assert window.photo == first
    window.caption.field.moveCursor(window.caption.field.textCursor().MoveOperation.End)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(window.caption.field, "She waves")
    shown(window, qtbot)
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Return)
    assert window.desk.record(first).notes.captions == ("A woman", "She waves"), "a line each"


def test_a_box_is_drawn_named_and_taken_out(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    name = shown(window, qtbot)
    photo = window.view.picture_rect().toRect()
    begin, end = photo.topLeft() + QPoint(10, 10), photo.center()
    qtbot.mousePress(window.view, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(window.view, end)
    qtbot.mouseRelease(window.view, Qt.MouseButton.LeftButton, pos=end)
    qtbot.keyClicks(window.objects.name, "sky")
    qtbot.keyClick(window.objects.name, Qt.Key.Key_Return)
    (thing,) = window.desk.record(name).notes.objects
    assert thing.name == "sky"
    assert thing.box is not None
    assert thing.box.right == pytest.approx(0.5, abs=0.02)
    assert "sky" in window.view.accessibleDescription()
    qtbot.mouseClick(window.view, Qt.MouseButton.LeftButton, pos=begin + QPoint(5, 5))
    qtbot.keyClick(window.view, Qt.Key.Key_Delete)
    assert window.desk.record(name).notes.objects == ()
    qtbot.keyClick(window.caption.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.desk.record(name).notes.objects == (thing,)
    window.objects.begin_box()
    qtbot.keyClick(window.objects.name, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.view.open_box is None


def test_everything_is_reached_by_keys_and_has_a_name(open_captioning: Callable[[], CaptioningWindow], qtbot: QtBot) -> None:
    window = open_captioning()
    for key, wanted in (
        (Qt.Key.Key_2, named(window, QLineEdit, "Your own question")), (Qt.Key.Key_3, window.objects.name),
        (Qt.Key.Key_F, window.progress.search), (Qt.Key.Key_1, window.caption.field),
    ):
        window.activateWindow()
        focus = window.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, key, Qt.KeyboardModifier.ControlModifier)
        assert window.focusWidget() is wanted
    reached = [
        widget for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    nameless = [
        widget for widget in reached
        if not widget.accessibleName() and not (isinstance(widget, QPushButton) and widget.text()) and not hasattr(widget, "text")
    ]
    assert nameless == []
    assert named(window, QLabel, "How far it is").text()
