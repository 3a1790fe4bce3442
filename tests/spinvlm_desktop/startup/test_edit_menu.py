"""The Edit and View menus: what they do goes where the focus is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT


def action(window: MainWindow, menu: str, text: str) -> QAction:
    """An entry of a menu or of a menu in it."""
    (found,) = [
        entry for shown in window.menuBar().findChildren(QMenu) if shown.title().replace("&", "") == menu
        for entry in shown.actions() if entry.text().replace("&", "") == text
    ]
    return found


def test_text_is_edited_where_the_cursor_is(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    window.activateWindow()
    field = window.tab.chat.field
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    qtbot.keyClicks(field, "one dog")
    action(window, "Edit", "Select all").trigger()
    action(window, "Edit", "Copy").trigger()
    assert QApplication.clipboard().text() == "one dog"
    action(window, "Edit", "Cut").trigger()
    assert field.toPlainText() == ""
    action(window, "Edit", "Undo").trigger()
    assert field.toPlainText() == "one dog"


def test_a_photo_is_pasted_where_no_text_can_go_and_a_deletion_undone(
    open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window = open_window()
    window.activateWindow()
    window.tab.image.view.setFocus()
    QApplication.clipboard().setImage(QImage(40, 30, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(window.tab.image.taken, timeout=TIMEOUT):
        action(window, "Edit", "Paste").trigger()
    window.tab.image.view.setFocus()
    window.tab.sidebar.show_undo(7, "Dogs")
    with qtbot.waitSignal(window.tab.sidebar.undo_requested) as undone:
        action(window, "Edit", "Undo").trigger()
    assert undone.args == [7]


def test_every_key_means_one_thing(open_window: Callable[[], MainWindow]) -> None:
    window = open_window()
    keys = [
        entry.shortcut().toString() for menu in window.menuBar().findChildren(QMenu) for entry in menu.actions()
        if not entry.shortcut().isEmpty()
    ]
    assert sorted(keys) == sorted(set(keys))
    assert keys.count("Ctrl+V") == 1


def test_the_theme_is_chosen_in_the_view_menu(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    with qtbot.waitSignal(window.appearance_changed) as changed:
        action(window, "Colours", "Dark").trigger()
    assert changed.args is not None
    assert changed.args[0].theme == "dark" == window.settings.theme
