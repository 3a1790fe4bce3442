"""What a user does in the window, as functions for tests."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtWidgets import QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.startup.main_window import MainWindow

Widget = TypeVar("Widget", bound=QWidget)
TIMEOUT = 60_000
QUESTION = "What is the person doing?"


def named(parent: QWidget, kind: type[Widget], name: str) -> Widget:
    """The one widget of this kind that a screen reader calls by this name."""
    (found,) = [widget for widget in parent.findChildren(kind) if widget.accessibleName() == name]
    return found


def visible_text(parent: QWidget) -> str:
    """All sentences that can be read."""
    return "\n".join(label.text() for label in parent.findChildren(QLabel) if label.isVisibleTo(parent))


def change_settings(window: MainWindow, **changes: Any) -> None:
    """As the dialog does when it is left with OK."""
    window.open_settings()
    dialog = window.findChildren(SettingsDialog)[-1]
    dialog.settings_applied.emit(replace(window.settings, **changes))
    dialog.close()


def change_history(home: Path, statement: str) -> None:
    """Change the history's file behind the program's back. home: as SPINVLM_HOME."""
    with closing(sqlite3.connect(home / "data" / "history.db")) as database, database:
        database.execute(statement)


def open_photo(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.open_photos([photo])


def open_conversation(window: MainWindow, qtbot: QtBot, number: int) -> None:
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.conversation_chosen.emit(number)


def ask(window: MainWindow, qtbot: QtBot, question: str = QUESTION) -> object:
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.chat.question_asked.emit(question)
    assert answered.args is not None
    return answered.args[1]


def look_inside(window: MainWindow) -> None:
    """As the switch on the photo does: maps, heads and SPIN come into sight and into force."""
    window.tab.look_inside.setChecked(True)


def restart(window: MainWindow, open_window: Callable[[], MainWindow]) -> MainWindow:
    window.close()
    return open_window()


def listed(window: MainWindow) -> list[str]:
    return [conversation.title for conversation in window.conversation.recorder.store.conversations()]


def kept_turns(window: MainWindow) -> list[Turn]:
    assert window.conversation.recorder.id is not None
    return window.conversation.recorder.store.turns(window.conversation.recorder.id)


def file_data(path: Path) -> QMimeData:
    """What is dropped or pasted with a file."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def press_when_asked(parent: QWidget, text: str) -> None:
    """Press the button with this text as soon as a question is asked, which may stop everything else until then."""
    timer = QTimer(parent, interval=10)

    def look() -> None:
        buttons = [button for box in parent.findChildren(QMessageBox) if box.isVisible() for button in box.buttons()]
        for button in buttons:
            if button.text() == text:
                timer.stop()
                button.click()

    timer.timeout.connect(look)
    timer.start()
