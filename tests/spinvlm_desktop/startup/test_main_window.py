"""The whole window: drops, focus, sizes, closing; with the real starter model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.widgets.theme import apply_theme
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, file_data, look_inside, named, open_photo


def test_from_a_drop_to_a_picture(window: MainWindow, qtbot: QtBot, beach_photo: Path, tmp_path: Path) -> None:
    look_inside(window)
    mime = file_data(beach_photo)
    with qtbot.waitSignal(window.tab.image.taken, timeout=TIMEOUT):
        window.tab.image.dropEvent(QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    streamed: list[str] = []
    window.service.tokens_ready.connect(lambda _id, tokens: streamed.extend(token.text for token in tokens))
    qtbot.keyClicks(window.tab.chat.field, QUESTION)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        qtbot.keyClick(window.tab.chat.field, Qt.Key.Key_Return)
    assert answered.args is not None
    assert "".join(streamed).strip() == answered.args[1].text.strip()
    word = window.tab.attention.current_word()
    assert word is not None
    plain, heated = window.tab.image.current(), window.tab.image.render_picture()
    assert plain is not None
    assert heated.convertToFormat(plain.pixels.format()) != plain.pixels, "the map lies over the photo"
    assert window.conversation.recorder.id is not None
    window.exports.write(window.conversation.recorder.id, "picture", tmp_path / "answer.png")
    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.width == 1200

    QApplication.clipboard().setImage(QImage(40, 40, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(window.tab.image.taken, timeout=TIMEOUT):
        window.tab.image.paste()
    pasted = window.tab.image.current()
    assert pasted is not None
    assert pasted.name != beach_photo.name
    assert window.conversation.focus.shown() is None, "another photo begins another chat"


def test_diagnostics_name_the_model_and_no_home(window: MainWindow) -> None:
    window.help.copy_diagnostics()
    text = QApplication.clipboard().text()
    assert "Model: starter" in text
    assert str(Path.home()) not in text


def test_a_photo_that_is_handed_over_is_seen(window: MainWindow, beach_photo: Path) -> None:
    window.tabs.setCurrentWidget(window.training)
    window.open_photos([beach_photo])
    assert window.tabs.currentWidget() is window.tab


def test_closing_while_it_answers_takes_no_two_seconds(window: MainWindow, qtbot: QtBot) -> None:
    window.conversation.ask("Describe the image in detail.")
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 2


def test_the_question_field_has_the_focus(window: MainWindow, qtbot: QtBot, beach_photo: Path) -> None:
    window.activateWindow()
    assert window.focusWidget() is window.tab.chat.field
    named(window.tab.sidebar, QLineEdit, "Search conversations").setFocus()
    open_photo(window, qtbot, beach_photo)
    assert window.focusWidget() is window.tab.chat.field


@pytest.mark.parametrize("size", [10, 24])
def test_the_window_fits_a_small_screen_with_any_letters(
    open_window: Callable[[], MainWindow], qtbot: QtBot, size: int
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, "light", font_size=size)
    window = open_window()
    look_inside(window)
    next(button for button in window.tab.spin_bar.findChildren(QToolButton) if button.text() == "Adjust").click()
    settings = SettingsDialog(window.settings, window)
    window.batch.show()
    assert window.batch.dialog is not None
    for widget in (window, settings, window.batch.dialog):
        assert widget.minimumSizeHint().width() <= 1000
    assert window.width() <= window.screen().availableSize().width()
    apply_theme(application, "light", font_size=10)


def test_names_and_questions_without_spaces_do_not_widen_the_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    letters, widths = "x" * 240, window.tab.columns.sizes()
    open_photo(window, qtbot, tmp_path / f"{letters}.jpg")
    assert "doesn't exist" in window.tab.image.error()
    with qtbot.waitSignal(window.service.answer_failed, timeout=TIMEOUT):
        window.tab.chat.question_asked.emit(letters)
    window.tab.sidebar.show_undo(1, letters)
    QApplication.processEvents()
    assert window.tab.columns.sizes() == pytest.approx(widths, abs=30)
