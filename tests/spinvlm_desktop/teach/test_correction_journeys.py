"""What a user says of answers, from the thumbs in the chat to the photos that the Train tab shows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from core.answers import Answer, CellToken
from core.photo_layout import tiled
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.teach.corrections import Correction, Corrections
from spinvlm_desktop.teach.corrections_dialog import CorrectionsDialog
from spinvlm_desktop.widgets.buttons.hover_button import HoverButton
from tests.spinvlm_desktop.driving import (
    TIMEOUT,
    ask,
    change_settings,
    look_inside,
    named,
    open_conversation,
    open_photo,
    restart,
    visible_text,
)
from training.data.captions import load_captions

QUESTION, OTHER = "What is the man doing?", "What is the man in a red shirt doing?"
RIGHT, WRONG, FIELD = "This answer is right", "This answer is wrong", "The right answer"


@pytest.fixture
def beach(tmp_path: Path) -> Path:
    path = tmp_path / "beach.jpg"
    draw_photo(path)
    return path


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    path = tmp_path / "garden.png"
    draw_photo(path, shirt="blue", dog=False, mirrored=True)
    return path


@pytest.fixture
def chat(open_window: Callable[[], MainWindow], qtbot: QtBot, tiny_model: Path, beach: Path) -> MainWindow:
    """The window with a model and the first photo."""
    return started(open_window(), qtbot, tiny_model, beach)


def started(window: MainWindow, qtbot: QtBot, model: Path, photo: Path) -> MainWindow:
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(model)
    open_photo(window, qtbot, photo)
    return window


def answered(window: MainWindow, qtbot: QtBot, question: str = QUESTION) -> Answer:
    answer = ask(window, qtbot, question)
    assert isinstance(answer, Answer)
    return answer


def thumbs(window: MainWindow) -> list[HoverButton]:
    """Up and down of each answer, from the first to the last."""
    return [button for button in window.tab.chat.findChildren(HoverButton) if button.accessibleName() in (RIGHT, WRONG)]


def field_of(window: MainWindow) -> QLineEdit:
    """The last answer's."""
    return [field for field in window.tab.chat.findChildren(QLineEdit) if field.accessibleName() == FIELD][-1]


def state(window: MainWindow) -> tuple[bool, bool, str | None]:
    """Of the last answer: whether thumbs up and down are chosen, and what the field holds, None where it isn't seen."""
    up, down = thumbs(window)[-2:]
    field = field_of(window)
    return up.isChecked(), down.isChecked(), field.text() if field.isVisibleTo(window) else None


def press(window: MainWindow, name: str) -> None:
    """Press a button beside the last answer."""
    button = [thumb for thumb in thumbs(window) if thumb.accessibleName() == name][-1]
    assert button.isVisible()
    button.click()


def correct(window: MainWindow, qtbot: QtBot, text: str) -> None:
    """Call the last answer wrong and type what is right."""
    press(window, WRONG)
    field = field_of(window)
    field.clear()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def kept(window: MainWindow) -> list[Correction]:
    """As another program reads it from the disk."""
    return Corrections(window.teach.corrections.folder).all()


def dialog_of(window: MainWindow) -> CorrectionsDialog:
    window.teach.open_dialog()
    assert window.teach.dialog is not None
    return window.teach.dialog


def rows(dialog: CorrectionsDialog) -> list[tuple[str, ...]]:
    """Question, answer and right answer of each row."""
    cells = [[dialog.table.item(row, column) for column in (1, 2, 3)] for row in range(dialog.table.rowCount())]
    return [tuple("" if cell is None else cell.text() for cell in row) for row in cells]


def test_thumbs_up_down_and_what_is_right_are_kept_with_the_photo(chat: MainWindow, qtbot: QtBot, beach: Path) -> None:
    answer = answered(chat, qtbot)
    assert state(chat) == (False, False, None)
    press(chat, RIGHT)
    assert state(chat) == (True, False, None)
    (correction,) = kept(chat)
    assert (correction.question, correction.answer, correction.was_right) == (QUESTION, answer.text.strip(), True)
    assert correction.photo_name == "beach.jpg"
    photo = chat.teach.corrections.photo(correction.photo)
    assert photo is not None
    assert photo.read_bytes() == beach.read_bytes()
    correct(chat, qtbot, "he  rides a horse")
    (correction,) = kept(chat)
    assert (correction.was_right, correction.right_answer) == (False, "he rides a horse"), "in place of what was said before"
    press(chat, RIGHT)
    assert [(c.was_right, c.right_answer) for c in kept(chat)] == [(True, "")]
    press(chat, RIGHT)
    assert state(chat) == (False, False, None)
    assert kept(chat) == [], "pressed once more, it is taken back"
    assert chat.teach.corrections.photo(correction.photo) is None, "with the photo's copy"


def test_an_answer_that_is_only_called_wrong_is_kept_too(chat: MainWindow, qtbot: QtBot) -> None:
    answered(chat, qtbot)
    press(chat, WRONG)
    assert state(chat) == (False, True, "")
    assert [(c.was_right, c.right_answer) for c in kept(chat)] == [(False, "")]
    dialog = dialog_of(chat)
    assert rows(dialog)[0][2] == "not known yet"
    assert not dialog.export.isEnabled(), "nobody knows what to learn"


def test_a_conversation_that_is_opened_again_shows_what_was_said(
    chat: MainWindow, open_window: Callable[[], MainWindow], qtbot: QtBot, tiny_model: Path, garden: Path
) -> None:
    answered(chat, qtbot)
    press(chat, RIGHT)
    answered(chat, qtbot, OTHER)
    correct(chat, qtbot, "riding")
    conversation = chat.conversation.recorder.id
    assert conversation is not None
    window = started(restart(chat, open_window), qtbot, tiny_model, garden)
    answered(window, qtbot)
    assert state(window) == (False, False, None), "of another photo nothing was said"
    open_conversation(window, qtbot, conversation)
    qtbot.waitUntil(lambda: state(window) == (False, True, "riding"), timeout=TIMEOUT)
    assert [window.tab.chat.judging(number).up.isChecked() for number in window.conversation.turns()] == [True, False]


def test_switched_off_nothing_is_offered_and_what_was_kept_stays(chat: MainWindow, qtbot: QtBot) -> None:
    answered(chat, qtbot)
    press(chat, RIGHT)
    change_settings(chat, collect_corrections=False)
    answered(chat, qtbot)
    assert [thumb.isVisibleTo(chat) for thumb in thumbs(chat)] == [False] * 4
    assert len(rows(dialog_of(chat))) == 1
    change_settings(chat, collect_corrections=True)
    assert state(chat) == (True, False, None), "the same answer to the same question about the same photo"


def test_a_pretrained_models_answer_is_kept_without_its_styles(
    open_window: Callable[[], MainWindow], qtbot: QtBot, beach: Path
) -> None:
    window, heads, cells = open_window(), np.full((3, 5), 0.5, np.float32), np.full((3, 12), 0.01, np.float16)
    open_photo(window, qtbot, beach)
    window.conversation.ask(QUESTION)
    tokens = tuple(CellToken(i, i, text, 0.5, heads, heads, cells) for i, text in enumerate(("He", " **rides**", " a horse.")))
    layout = tiled(width=60, height=44, tile_rows=1, tile_columns=2, side=2, covered=0.9)
    window.service.answered.emit(1, Answer(QUESTION, "He **rides** a horse.", tokens, "end", -2.0, 0.1, layout=layout))
    qtbot.waitUntil(lambda: thumbs(window)[0].isVisible(), timeout=TIMEOUT)
    press(window, RIGHT)
    assert [c.answer for c in kept(window)] == ["He rides a horse."]


def test_two_answers_side_by_side_are_not_judged(chat: MainWindow, qtbot: QtBot) -> None:
    look_inside(chat)
    chat.tab.spin_bar.set_choice(SpinChoice("compare", chat.tab.spin_bar.wanted().spin))
    ask(chat, qtbot, QUESTION)
    assert [thumb.isVisibleTo(chat) for thumb in thumbs(chat)] == [False, False]


def test_what_is_deleted_in_the_dialog_is_gone_from_the_disk_and_the_chat(chat: MainWindow, qtbot: QtBot) -> None:
    assert "Nothing yet" in visible_text(dialog_of(chat))
    answered(chat, qtbot)
    press(chat, RIGHT)
    answered(chat, qtbot, OTHER)
    correct(chat, qtbot, "riding")
    dialog = dialog_of(chat)
    assert [row[0] for row in rows(dialog)] == [OTHER, QUESTION], "the latest first"
    assert [row[2] for row in rows(dialog)] == ["riding", "the same"]
    qtbot.waitUntil(lambda: all(not dialog.table.item(row, 0).icon().isNull() for row in range(2)), timeout=TIMEOUT)
    assert not dialog.delete.isEnabled()
    dialog.table.selectRow(0)
    dialog.delete.click()
    assert [row[0] for row in rows(dialog)] == [QUESTION]
    assert state(chat) == (False, False, None)
    (correction,) = kept(chat)
    assert chat.teach.corrections.photo(correction.photo) is not None, "the other one is about the same photo"
    dialog.table.selectRow(0)
    dialog.delete.click()
    assert "Nothing yet" in visible_text(dialog)
    assert chat.teach.corrections.photo(correction.photo) is None
    assert not chat.tab.chat.judging(1).up.isChecked()


def test_what_is_right_can_be_typed_in_the_dialog_too(chat: MainWindow, qtbot: QtBot) -> None:
    answered(chat, qtbot)
    press(chat, WRONG)
    answered(chat, qtbot, OTHER)
    press(chat, RIGHT)
    dialog = dialog_of(chat)
    for row, before, typed in ((1, "not known yet", "he  rides"), (0, "the same", "riding")):
        dialog.table.setCurrentCell(row, 1)
        assert rows(dialog)[row][2] == before
        qtbot.keyClick(dialog.table, Qt.Key.Key_F2)
        (editor,) = dialog.table.findChildren(QLineEdit)
        editor.selectAll()
        qtbot.keyClicks(editor, typed)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda row=row, typed=typed: rows(dialog)[row][2] == " ".join(typed.split()), timeout=TIMEOUT)
        qtbot.waitUntil(lambda: not dialog.table.findChildren(QLineEdit), timeout=TIMEOUT)
    assert [(c.question, c.was_right, c.right_answer) for c in kept(chat)] == [
        (QUESTION, False, "he rides"), (OTHER, False, "riding"),
    ]
    assert state(chat) == (False, True, "riding")
    dialog.table.selectRow(0)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert len(kept(chat)) == 2, "Enter deletes nothing"
    assert dialog.isVisible()
    qtbot.keyClick(dialog.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: [c.question for c in kept(chat)] == [QUESTION], timeout=TIMEOUT)


def test_the_train_tab_opens_on_what_was_corrected(
    chat: MainWindow, qtbot: QtBot, garden: Path, beach: Path
) -> None:
    said = answered(chat, qtbot).text.strip()
    press(chat, RIGHT)
    answered(chat, qtbot, OTHER)
    press(chat, WRONG)  # and nobody says what is right
    dialog = dialog_of(chat)
    assert not dialog.train.isEnabled()
    assert "2 photos" in named(dialog, QLabel, "What can be learnt from them").text()
    dialog.reject()
    open_photo(chat, qtbot, garden)
    answered(chat, qtbot, OTHER)
    correct(chat, qtbot, "riding a horse")
    dialog = dialog_of(chat)
    with qtbot.waitSignal(chat.teach.training_wanted) as wanted:
        dialog.train.click()
    assert wanted.args is not None
    folder = wanted.args[0]
    assert chat.tabs.currentWidget() is chat.training
    qtbot.waitUntil(lambda: chat.training.setup.data.folder() == folder, timeout=TIMEOUT)
    dataset = load_captions(folder)
    learnt = {pair.question: (image.path.read_bytes(), pair.answer) for image in dataset.images for pair in image.questions}
    assert learnt == {QUESTION: (beach.read_bytes(), said), OTHER: (garden.read_bytes(), "riding a horse")}
    dialog = dialog_of(chat)
    with qtbot.waitSignal(chat.teach.training_wanted) as again:
        dialog.train.click()
    assert again.args == [folder], "the same again makes no second copy"


def test_a_collection_is_exported_to_an_empty_folder_only(
    chat: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(chat, qtbot)
    correct(chat, qtbot, "riding a horse")
    full, empty = tmp_path / "full", tmp_path / "empty"
    for folder in (full, empty):
        folder.mkdir()
    (full / "questions.jsonl").write_text("mine")
    dialog = dialog_of(chat)
    for folder in (full, empty):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, folder=folder: str(folder))
        dialog.export.click()
        problem = named(dialog, QLabel, "What went wrong")
        assert ("isn't empty" in problem.text()) == (folder is full) == problem.isVisible()
    assert (full / "questions.jsonl").read_text() == "mine"
    (line,) = [json.loads(text) for text in (empty / "questions.jsonl").read_text().splitlines()]
    assert (line["question"], line["answer"]) == (QUESTION, "riding a horse")
    assert (empty / "photos" / line["image"]).is_file()


def test_a_folder_that_cannot_be_written_is_named_in_one_sentence(
    chat: MainWindow, qtbot: QtBot, own_home: Path
) -> None:
    answered(chat, qtbot)
    (own_home / "data" / "corrections").write_text("a file where the folder should be")
    with qtbot.waitSignal(chat.teach.notice) as notice:
        press(chat, RIGHT)
    assert notice.args is not None
    assert "can't be written" in notice.args[0]
    assert state(chat) == (False, False, None), "it isn't shown as kept"


KEEPER = """
import hashlib, sys
from pathlib import Path
from spinvlm_desktop.teach.corrections import Correction, Corrections

folder, photo = Path(sys.argv[1]), Path(sys.argv[2])
corrections, number = Corrections(folder), 0
name = hashlib.sha256(photo.read_bytes()).hexdigest()
while True:
    number += 1
    corrections.keep(Correction(name, photo.name, f"question {number}", "a", "m", False, "b", "2026-01-01"), photo)
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
def test_what_was_kept_is_there_after_a_kill(beach: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corrections"
    with subprocess.Popen([sys.executable, "-c", KEEPER, str(folder), str(beach)], stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout is not None
        reported = 0
        while reported < 12:
            reported = int(keeper.stdout.readline())
        os.kill(keeper.pid, signal.SIGKILL)
        reported = max([reported, *(int(line) for line in keeper.stdout if line.endswith("\n"))])
    corrections = Corrections(folder)
    numbers = [int(correction.question.split()[1]) for correction in corrections.all()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) - reported in (0, 1), "one may be written and not reported"
    photo = corrections.photo(corrections.all()[0].photo)
    assert photo is not None
    assert photo.read_bytes() == beach.read_bytes()
