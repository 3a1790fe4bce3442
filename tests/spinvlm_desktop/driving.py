"""What a user does in the window, as functions for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.startup.main_window import MainWindow

Widget = TypeVar("Widget", bound=QWidget)
TIMEOUT = 60_000
QUESTION = "What is the person doing?"


def named(parent: QWidget, kind: type[Widget], name: str) -> Widget:
    """The one widget of this kind that a screen reader calls by this name."""
    (found,) = [widget for widget in parent.findChildren(kind) if widget.accessibleName() == name]
    return found


def open_photo(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.open_photos([photo])


def open_kept(window: MainWindow, qtbot: QtBot, number: int) -> None:
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.conversation_chosen.emit(number)


def ask(window: MainWindow, qtbot: QtBot, question: str = QUESTION) -> object:
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.chat.question_asked.emit(question)
    assert answered.args is not None
    return answered.args[1]


def restart(window: MainWindow, open_window: Callable[[], MainWindow]) -> MainWindow:
    window.close()
    return open_window()


def listed(window: MainWindow) -> list[str]:
    return [conversation.title for conversation in window.conversation.kept.store.conversations()]


def kept_turns(window: MainWindow) -> list[Turn]:
    assert window.conversation.kept.id is not None
    return window.conversation.kept.store.turns(window.conversation.kept.id)


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
