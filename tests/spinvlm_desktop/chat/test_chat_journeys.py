"""Questions and answers as a user goes through them, with the real starter model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, ask, file_data, kept_turns, listed, look_inside, named, open_photo


def test_a_photo_a_question_an_answer_and_its_map(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.focus.shown() == (QUESTION, answer.text.strip())
    word = window.tab.attention.current_word()
    assert word is not None
    with qtbot.waitSignal(window.tab.attention.heat_map_changed) as changed:
        window.tab.attention.step(-1 if word.index else 1)
    assert changed.args is not None
    assert changed.args[0] is not None


def test_a_photo_is_pasted_and_dropped_where_text_could_go(
    window: MainWindow, qtbot: QtBot, beach_photo: Path, tmp_path: Path
) -> None:
    def paste() -> None:
        qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    field, clipboard, image = window.tab.chat.field, QApplication.clipboard(), window.tab.image
    field.setFocus()
    clipboard.setImage(QImage(40, 40, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    clipboard.setText(str(beach_photo))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    clipboard.setMimeData(file_data(beach_photo))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    assert field.toPlainText() == ""
    clipboard.setText(f"What is /{beach_photo.name}?")
    paste()
    assert field.toPlainText() == f"What is /{beach_photo.name}?"
    dropped = file_data(beach_photo)  # the event doesn't keep it
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        window.tab.dropEvent(QDropEvent(
            QPointF(9, 9), Qt.DropAction.CopyAction, dropped, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))


def test_a_question_sent_while_another_is_answered_stays_to_be_gone_on_with(window: MainWindow, qtbot: QtBot) -> None:
    field = window.tab.chat.field
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.conversation.ask(QUESTION)
        field.setPlainText("Where is")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        qtbot.keyClicks(field, " it?")
        assert field.toPlainText() == "Where is it?"


def test_a_cleared_patch_is_no_longer_marked(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    ask(window, qtbot)
    view = window.tab.image.view
    with qtbot.waitSignal(view.patch_clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    marked = view.grab().toImage()
    window.tab.attention.clear_patch()
    assert view.grab().toImage() != marked


def test_compare_shows_both(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    result = ask(window, qtbot)
    assert isinstance(result, Comparison)
    assert window.conversation.focus.shown() == (QUESTION, result.spin.text.strip())


def test_a_change_of_spin_offers_to_ask_again(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    bar = window.tab.spin_bar
    assert not window.tab.changed.isVisible()
    named(bar, QPushButton, "SPIN on").click()
    assert not window.tab.changed.isVisible(), "there is no answer yet"
    ask(window, qtbot)
    named(bar, QPushButton, "SPIN compare").click()
    assert window.tab.changed.isVisible()
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.changed.button.click()
    assert answered.args is not None
    assert isinstance(answered.args[1], Comparison)
    bar = window.tab.spin_bar
    assert not window.tab.changed.isVisible()
    named(bar, QPushButton, "SPIN off").click()
    assert window.tab.changed.isVisible()
    named(bar, QPushButton, "SPIN compare").click()
    assert not window.tab.changed.isVisible(), "as the answer was made"


def test_a_question_without_a_photo_stays_in_its_field(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    qtbot.keyClicks(window.tab.chat.field, QUESTION)
    qtbot.keyClick(window.tab.chat.field, Qt.Key.Key_Return)
    assert window.tab.chat.field.toPlainText() == QUESTION
    assert "Drop a photo" in window.tab.image.error()
    assert window.conversation.focus.shown() is None


def test_an_edited_question_replaces_what_followed(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    ask(window, qtbot, "Where is this?")
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.tab.chat.question_edited.emit(1, "What is the dog doing?")
    number = window.conversation.recorder.id
    assert number is not None
    assert [turn.question for turn in window.conversation.recorder.store.turns(number)] == ["What is the dog doing?"]


def test_a_question_waits_for_the_photo_that_is_being_read(
    window: MainWindow, qtbot: QtBot, beach_photo: Path, tmp_path: Path
) -> None:
    red, text = tmp_path / "red.png", tmp_path / "text.jpg"
    Image.new("RGB", (30, 30), (255, 0, 0)).save(red)
    text.write_text("no photo")
    field = window.tab.chat.field
    window.open_photos([text])
    field.setPlainText(QUESTION)
    field.send()
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        pass
    assert field.toPlainText() == QUESTION, "it was meant for a photo that isn't there"
    assert listed(window) == []
    window.open_photos([red])
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        field.send()
    assert field.toPlainText() == ""
    (conversation,) = window.conversation.recorder.store.conversations()
    assert conversation.image_name == "red.png"


def test_another_photo_starts_another_chat(window: MainWindow, qtbot: QtBot, beach_photo: Path) -> None:
    ask(window, qtbot)
    open_photo(window, qtbot, beach_photo)
    assert window.conversation.focus.shown() is None
    assert window.tab.attention.current_word() is None


def test_a_refused_photo_keeps_the_one_before(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = window.tab.image.current()
    (tmp_path / "text.jpg").write_text("no photo")
    open_photo(window, qtbot, tmp_path / "text.jpg")
    assert window.tab.image.current() == before is not None


def test_a_head_switched_off_by_hand_is_off_in_the_next_answer(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    ask(window, qtbot)
    window.tab.attention.grid.ablation_toggled.emit(0, 1)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.attention.ask_again_requested.emit()
    assert answered.args is not None
    assert all(token.head_gate[0, 1] == 0 for token in answered.args[1].tokens)
    assert window.tab.attention.ablated() == {(0, 1)}


def test_a_refused_question_comes_back_to_be_mended(window: MainWindow, qtbot: QtBot) -> None:
    look_inside(window)
    chat = window.tab.chat
    window.tab.attention.set_ablated(frozenset({(0, 1)}))
    chat.field.setPlainText("dog " * 200)
    with qtbot.waitSignal(window.service.answer_failed, timeout=TIMEOUT):
        chat.field.send()
    assert chat.field.toPlainText() == ("dog " * 200).strip()
    assert window.tab.attention.ablated() == {(0, 1)}
    chat.field.setPlainText(QUESTION)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        chat.field.send()
    (turn,) = kept_turns(window)
    assert turn.question == QUESTION
    assert turn.ablated == {(0, 1)}
