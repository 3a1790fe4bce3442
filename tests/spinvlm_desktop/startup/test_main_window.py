"""What a user does in the window, with the real starter model."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer, Comparison
from core.config import SpinConfig
from core.files.checkpoint import starter_model_path
from core.files.model_calibration import write_calibration
from spinvlm_desktop.chat.spin_choice import SpinChoice
from spinvlm_desktop.history.records import Turn
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.settings.settings_dialog import SettingsDialog
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.widgets.theme import apply_theme

TIMEOUT = 60_000
QUESTION = "What is the person doing?"


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "beach.jpg"
    draw_photo(path)
    return path


@pytest.fixture
def open_window(qtbot: QtBot, own_home: Path) -> Iterator[Callable[[], MainWindow]]:
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        store = SettingsStore(paths.config_folder() / "settings.json")
        window = MainWindow(store.load()[0], store)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        if window.isVisible():
            window.close()
        assert window.service.shut_down(patience=20), "the model's thread is left"
        window.deleteLater()


@pytest.fixture
def window(open_window: Callable[[], MainWindow], qtbot: QtBot, photo: Path) -> MainWindow:
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(None)
    open_photo(window, qtbot, photo)
    return window


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


def test_a_photo_a_question_an_answer_and_its_map(window: MainWindow, qtbot: QtBot) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.shown() == (QUESTION, answer.text.strip())
    word = window.tab.attention.current_word()
    assert word is not None
    with qtbot.waitSignal(window.tab.attention.heat_map_changed) as changed:
        window.tab.attention.step(-1 if word.index else 1)
    assert changed.args is not None
    assert changed.args[0] is not None


def test_from_a_drop_to_a_picture(window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(photo))])
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
    assert window.conversation.kept.id is not None
    window.files.write(window.conversation.kept.id, "picture", tmp_path / "answer.png")
    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.width == 1200

    QApplication.clipboard().setImage(QImage(40, 40, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(window.tab.image.taken, timeout=TIMEOUT):
        window.tab.image.paste()
    pasted = window.tab.image.current()
    assert pasted is not None
    assert pasted.name != photo.name
    assert window.conversation.shown() is None, "another photo begins another chat"


def test_a_photo_is_pasted_and_dropped_where_text_could_go(
    window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path
) -> None:
    def paste() -> None:
        qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def files(path: Path) -> QMimeData:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        return mime

    field, clipboard, image = window.tab.chat.field, QApplication.clipboard(), window.tab.image
    field.setFocus()
    clipboard.setImage(QImage(40, 40, QImage.Format.Format_RGB32))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    clipboard.setText(str(photo))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    clipboard.setMimeData(files(photo))
    with qtbot.waitSignal(image.taken, timeout=TIMEOUT):
        paste()
    assert field.toPlainText() == ""
    clipboard.setText(f"What is /{photo.name}?")
    paste()
    assert field.toPlainText() == f"What is /{photo.name}?"
    dropped = files(photo)  # the event doesn't keep it
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
    ask(window, qtbot)
    view = window.tab.image.view
    with qtbot.waitSignal(view.patch_clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    marked = view.grab().toImage()
    window.tab.attention.clear_patch()
    assert view.grab().toImage() != marked


def test_compare_shows_both(window: MainWindow, qtbot: QtBot) -> None:
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    result = ask(window, qtbot)
    assert isinstance(result, Comparison)
    assert window.conversation.shown() == (QUESTION, result.spin.text.strip())


def test_a_calibrated_model_answers_as_it_is_best(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "calibrated.safetensors"
    shutil.copy(starter_model_path(), path)
    best = SpinConfig(keep=6, alpha=0.1)
    write_calibration(path, {"spin": best.to_dict()})
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(path)
    ask(window, qtbot)
    assert window.conversation.kept.id is not None
    (turn,) = window.conversation.kept.store.turns(window.conversation.kept.id)
    assert turn.spin == best
    assert window._batch_settings().spin == best

    window.tab.spin_bar._modes.button(0).click()
    again = restart(window, open_window)
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_model(path)
    assert again.tab.spin_bar.choice().mode == "off", "off by the user stays off"


def test_a_change_of_spin_offers_to_ask_again(window: MainWindow, qtbot: QtBot) -> None:
    assert not window.tab.changed.isVisible()
    window.tab.spin_bar._modes.button(1).click()
    assert not window.tab.changed.isVisible(), "there is no answer yet"
    ask(window, qtbot)
    window.tab.spin_bar._modes.button(2).click()
    assert window.tab.changed.isVisible()
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.changed.button.click()
    assert answered.args is not None
    assert isinstance(answered.args[1], Comparison)
    assert not window.tab.changed.isVisible()
    window.tab.spin_bar._modes.button(0).click()
    assert window.tab.changed.isVisible()
    window.tab.spin_bar._modes.button(2).click()
    assert not window.tab.changed.isVisible(), "as the answer was made"


def test_a_question_without_a_photo_is_told_and_waits_in_its_field(open_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    window = open_window()
    qtbot.keyClicks(window.tab.chat.field, QUESTION)
    qtbot.keyClick(window.tab.chat.field, Qt.Key.Key_Return)
    assert window.tab.chat.field.toPlainText() == QUESTION
    assert "Drop a photo" in window.tab.image.error()
    assert window.conversation.shown() is None


def test_the_answer_as_a_picture(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ask(window, qtbot)
    assert window.conversation.kept.id is not None
    window.files.write(window.conversation.kept.id, "picture", tmp_path / "answer.png")
    with Image.open(tmp_path / "answer.png") as picture:
        assert picture.width == 1200
        assert len(picture.convert("L").resize((32, 32)).getcolors() or []) > 10


def test_the_picture_of_a_comparison_has_both_answers(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.shown_answers() == [("", answer.text.strip())]
    height = picture_height(window, tmp_path)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    compared = ask(window, qtbot)
    assert isinstance(compared, Comparison)
    names = "SPIN off", "SPIN on, 4 heads kept, the others silenced"
    texts = compared.baseline.text.strip(), compared.spin.text.strip()
    assert window.conversation.shown_answers() == list(zip(names, texts, strict=True))
    assert picture_height(window, tmp_path) > height + 100, "another answer, and two names"


def picture_height(window: MainWindow, folder: Path) -> int:
    assert window.conversation.kept.id is not None
    window.files.write(window.conversation.kept.id, "picture", folder / "answer.png")
    with Image.open(folder / "answer.png") as picture:
        return picture.height


def listed(window: MainWindow) -> list[str]:
    return [conversation.title for conversation in window.conversation.kept.store.conversations()]


def restart(window: MainWindow, open_window: Callable[[], MainWindow]) -> MainWindow:
    window.close()
    return open_window()


def test_a_conversation_is_there_after_a_restart(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, photo: Path
) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    window.tab.spin_bar.set_choice(SpinChoice("compare", SpinConfig(keep=4)))
    window.tab.spin_bar.choice_changed.emit()
    compared = ask(window, qtbot, "Where is this?")
    assert isinstance(compared, Comparison)

    again = restart(window, open_window)
    assert again.tab.spin_bar.choice() == SpinChoice("compare", SpinConfig(keep=4))
    assert again.settings.recent_images == (str(photo),)
    assert listed(again) == [QUESTION]
    (conversation,) = again.conversation.kept.store.conversations()
    open_kept(again, qtbot, conversation.id)
    assert again.conversation.shown() == ("Where is this?", compared.spin.text.strip())
    word = again.tab.attention.current_word()
    assert word is not None
    shown = again.tab.image.current()
    assert shown is not None
    assert shown.name == photo.name
    again.tab.chat.word_chosen.emit(1, "answer", 0)
    assert again.conversation.shown() == (QUESTION, answer.text.strip())


def test_a_deleted_conversation_comes_back(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    number = window.conversation.kept.id
    assert number is not None
    window.tab.sidebar.delete_requested.emit(number)
    assert listed(window) == []
    assert window.conversation.shown() is None
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.undo_requested.emit(number)
    assert listed(window) == [QUESTION]
    assert window.conversation.kept.id == number


def test_a_deletion_is_final_when_the_window_closes(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    ask(window, qtbot)
    number = window.conversation.kept.id
    assert number is not None
    window.tab.sidebar.delete_requested.emit(number)
    window.tab.sidebar._undo._timer.setInterval(50)
    window.tab.sidebar._undo._timer.start()
    again = restart(window, open_window)
    qtbot.wait(100)  # the closed window's time to undo is over: nothing is to happen to its closed history
    assert listed(again) == []


def test_an_answer_that_is_cut_off_is_kept_as_far_as_it_came(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot
) -> None:
    window.conversation.ask("Describe the image in detail.")
    again = restart(window, open_window)
    (conversation,) = again.conversation.kept.store.conversations()
    (turn,) = again.conversation.kept.store.turns(conversation.id)
    assert turn.error is not None
    assert "cut off" in turn.error
    open_kept(again, qtbot, conversation.id)
    assert again.conversation.kept.id == conversation.id
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_chosen_model()
    with qtbot.waitSignal(again.service.answered, timeout=TIMEOUT):
        again.tab.chat.regenerate_requested.emit(1)
    assert again.conversation.kept.store.turns(conversation.id)[0].answer is not None


def test_an_edited_question_replaces_what_followed(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    ask(window, qtbot, "Where is this?")
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.tab.chat.question_edited.emit(1, "What is the dog doing?")
    number = window.conversation.kept.id
    assert number is not None
    assert [turn.question for turn in window.conversation.kept.store.turns(number)] == ["What is the dog doing?"]


def test_a_title_follows_the_first_question_but_one_given_by_hand_stays(window: MainWindow, qtbot: QtBot) -> None:
    def edit(turn: int, question: str) -> None:
        with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
            window.tab.chat.question_edited.emit(turn, question)

    ask(window, qtbot)
    ask(window, qtbot, "Where is this?")
    edit(2, "Is there a dog?")
    assert listed(window) == [QUESTION], "a later question isn't what it is called after"
    edit(1, "What color is the shirt?")
    assert listed(window) == ["What color is the shirt?"]
    number = window.conversation.kept.id
    assert number is not None
    window.tab.sidebar.renamed.emit(number, "At the sea")
    edit(min(window.conversation._turns), "How many people are there?")
    assert listed(window) == ["At the sea"]


def test_export_and_import_again(window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.kept.id is not None
    path = tmp_path / "beach.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    window.files.export_shown("json")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.tab.sidebar.delete_requested.emit(window.conversation.kept.id)
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.sidebar.import_requested.emit()
    assert window.conversation.shown() == (QUESTION, answer.text.strip())
    assert listed(window) == [QUESTION]


def test_history_off_keeps_nothing_on_the_disk(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path
) -> None:
    ask(window, qtbot)
    window._on_settings(replace(window.settings, keep_history=False))
    ask(window, qtbot, "Where is this?")
    assert listed(window) == ["Where is this?"]
    again = restart(window, open_window)
    assert listed(again) == []
    assert again.settings.recent_images == ()
    again._on_settings(replace(again.settings, keep_history=True))
    assert listed(again) == [QUESTION], "what was kept before is still there"


def test_a_history_that_fails_is_told_and_the_chat_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    told: list[str] = []
    window.statusBar().messageChanged.connect(told.append)
    window.conversation.kept.store._connection.execute("DROP TABLE turns")
    answer = ask(window, qtbot)
    assert isinstance(answer, Answer)
    assert window.conversation.shown() == (QUESTION, answer.text.strip())
    assert "isn't kept" in told[0]


def test_a_folder_of_photos(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(3):
        draw_photo(folder / f"{number}.jpg")
    (folder / "broken.jpg").write_text("no photo")
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(folder)
    dialog.form.set_output(tmp_path / "answers.jsonl")
    with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT):
        dialog.start_button.click()
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert [Path(row["image"]).name for row in rows] == ["0.jpg", "1.jpg", "2.jpg", "broken.jpg"]
    assert all(row["answer"] for row in rows[:3])
    assert "isn't an image" in rows[3]["error"]
    assert not dialog.running


def test_a_model_file_that_is_broken_leaves_the_one_before(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"no model")
    with qtbot.waitSignal(window.service.model_failed, timeout=TIMEOUT):
        window.load_model(tmp_path / "broken.safetensors")
    (box,) = window.findChildren(QMessageBox)
    assert "broken.safetensors" in box.text()
    box.close()
    assert "stays in use" in window.models.label.text()
    assert window.settings.model is None
    assert isinstance(ask(window, qtbot), Answer)


def test_another_model_is_in_use_and_remembered(
    window: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, tiny_model: Path
) -> None:
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(tiny_model)
    assert "tiny" in window.models.label.text()
    again = restart(window, open_window)
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        again.load_chosen_model()
    assert again.models.in_use is not None
    assert again.models.in_use.path == tiny_model
    again.models.menu.aboutToShow.emit()
    chosen = [action.text() for action in again.models.menu.actions() if action.isChecked()]
    assert chosen == ["tiny"]


def test_diagnostics_name_the_model_and_no_home(window: MainWindow) -> None:
    window._copy_diagnostics()
    text = QApplication.clipboard().text()
    assert "Model: starter" in text
    assert str(Path.home()) not in text


def test_a_question_waits_for_the_photo_that_is_being_read(
    window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path
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
    (conversation,) = window.conversation.kept.store.conversations()
    assert conversation.image_name == "red.png"


def test_a_photo_that_is_handed_over_is_seen(window: MainWindow, photo: Path) -> None:
    window.tabs.setCurrentWidget(window.training)
    window.open_photos([photo])
    assert window.tabs.currentWidget() is window.tab


def test_another_conversation_is_shown_however_fast_they_are_chosen(
    window: MainWindow, qtbot: QtBot, photo: Path
) -> None:
    ask(window, qtbot)
    first = window.conversation.kept.id
    open_photo(window, qtbot, photo)
    ask(window, qtbot, "Where is this?")
    second = window.conversation.kept.id
    open_photo(window, qtbot, photo)
    assert first is not None
    assert second is not None
    window.tab.sidebar.conversation_chosen.emit(first)
    window.tab.sidebar.delete_requested.emit(first)
    with qtbot.assertNotEmitted(window.conversation.shown_changed, wait=200):
        pass  # what was deleted while its photo was read doesn't come back
    window.tab.sidebar.undo_requested.emit(first)
    open_kept(window, qtbot, second)
    assert window.conversation.kept.id == second
    with qtbot.assertNotEmitted(window.conversation.shown_changed, wait=200):
        pass


def test_another_photo_starts_another_chat(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    ask(window, qtbot)
    open_photo(window, qtbot, photo)
    assert window.conversation.shown() is None
    assert window.tab.attention.current_word() is None


def test_a_refused_photo_keeps_the_one_before(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = window.tab.image.current()
    (tmp_path / "text.jpg").write_text("no photo")
    open_photo(window, qtbot, tmp_path / "text.jpg")
    assert window.tab.image.current() == before is not None


def test_a_head_switched_off_by_hand_is_off_in_the_next_answer(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    window.tab.attention.grid.ablation_toggled.emit(0, 1)
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT) as answered:
        window.tab.attention.ask_again_requested.emit()
    assert answered.args is not None
    assert all(token.head_gate[0, 1] == 0 for token in answered.args[1].tokens)
    assert window.tab.attention.ablated() == {(0, 1)}


def test_closing_while_it_answers_takes_no_two_seconds(window: MainWindow, qtbot: QtBot) -> None:
    window.conversation.ask("Describe the image in detail.")
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 2


def test_a_refused_question_comes_back_to_be_mended(window: MainWindow, qtbot: QtBot) -> None:
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


def kept_turns(window: MainWindow) -> list[Turn]:
    assert window.conversation.kept.id is not None
    return window.conversation.kept.store.turns(window.conversation.kept.id)


def test_a_question_typed_while_the_model_loads_is_kept_with_the_model_that_answered(
    open_window: Callable[[], MainWindow], qtbot: QtBot, photo: Path
) -> None:
    window = open_window()
    window.open_photos([photo])
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.load_model(None)
        window.conversation.ask(QUESTION)
    assert [turn.model for turn in kept_turns(window)] == ["starter"]
    assert window.conversation.shown_settings() == "starter, SPIN off"


def test_the_question_field_has_the_focus(window: MainWindow, qtbot: QtBot, photo: Path) -> None:
    window.activateWindow()
    assert window.focusWidget() is window.tab.chat.field
    window.tab.sidebar._search.setFocus()
    open_photo(window, qtbot, photo)
    assert window.focusWidget() is window.tab.chat.field


def test_a_title_is_edited_and_the_list_keeps_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    ask(window, qtbot)
    view = window.tab.sidebar._list
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChildren(QLineEdit)[0]
    editor.setText("At the sea")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(window) == ["At the sea"])
    qtbot.wait(50)
    assert window.focusWidget() is view


def test_a_folder_is_answered_with_spin_off_where_the_chat_compares(
    window: MainWindow, qtbot: QtBot, photo: Path, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.csv"
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(photo.parent)
    dialog.form.set_output(answers)
    for mode, told, spin in (("compare", "SPIN off", "off"), ("on", "SPIN on", "keep=4 alpha=0 layers=0: score=mass")):
        answers.unlink(missing_ok=True)
        window.tab.spin_bar.set_choice(SpinChoice(mode, SpinConfig(keep=4)))
        window.tab.spin_bar.choice_changed.emit()
        assert told in dialog.form.settings_in_words()
        with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT):
            dialog.start_button.click()
        with answers.open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["model"], row["spin"]) == ("starter", spin)


@pytest.mark.parametrize("size", [10, 24])
def test_the_window_fits_a_small_screen_with_any_letters(
    open_window: Callable[[], MainWindow], qtbot: QtBot, size: int
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    apply_theme(application, "light", font_size=size)
    window = open_window()
    window.tab.spin_bar._details.show()
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
    window.tab.sidebar._undo.show_for(1, letters)
    qtbot.wait(50)
    assert window.tab.columns.sizes() == pytest.approx(widths, abs=30)
