"""The dialog for a folder of photos, with results as the model's thread hands them over."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.config import SpinConfig
from core.errors import ImageError
from spinvlm_desktop.batch.batch_dialog import BatchDialog
from spinvlm_desktop.batch.batch_request import BatchSettings
from spinvlm_desktop.batch.result_export import ExportError
from spinvlm_desktop.batch.result_gallery import ResultGallery
from spinvlm_desktop.batch.result_model import ANSWER, CERTAINTY, PHOTO
from spinvlm_desktop.worker.answer_worker import PhotoAnswer
from tests.spinvlm_desktop.driving import named, press_when_asked
from training.data.captions import load_captions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for name in ("a.png", "b.png", "more/c.png"):
        Image.new("RGB", (8, 8), "red").save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def open_dialog(qtbot: QtBot, folder: Path, kept: Path) -> Callable[[], BatchDialog]:
    """As after a start of the program, with the folder chosen."""
    def make() -> BatchDialog:
        dialog = BatchDialog(answers=lambda: kept)
        qtbot.addWidget(dialog)
        dialog.set_settings(BatchSettings("tiny"))
        dialog.set_folder(folder)
        return dialog

    return make


@pytest.fixture
def dialog(open_dialog: Callable[[], BatchDialog]) -> BatchDialog:
    return open_dialog()


def answer(text: str, *, certainty: float | None = None, sentence: bool = False) -> Answer:
    return Answer("Describe the image in detail.", text, (), "end", -1.0, 0.1, certainty=certainty, is_sentence=sentence)


def answer_all(dialog: BatchDialog, *texts: str, **how: bool) -> None:
    """The photos in their order."""
    dialog.start_button.click()
    for photo, text in zip(dialog.form.images, texts, strict=True):
        dialog.add_result(PhotoAnswer(photo, answer(text, **how), "tiny"))
    dialog.finish(False)


def shown(dialog: BatchDialog) -> list[tuple[str, str]]:
    """Name and answer of the photos on show."""
    rows = dialog.view.filter
    return [(rows.index(row, PHOTO).data(), rows.index(row, ANSWER).data()) for row in range(rows.rowCount())]


def export(dialog: BatchDialog, path: Path) -> list[dict[str, str]]:
    dialog.export_button.write(path.suffix.removeprefix("."), path)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_results_are_shown_and_exported_with_their_photos(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(dialog.batch_requested) as requested:
        dialog.start_button.click()
    assert requested.args is not None
    assert [path.name for path in requested.args[0].images] == ["a.png", "b.png"]
    assert dialog.running
    first, second = requested.args[0].images
    dialog.add_result(PhotoAnswer(second, ImageError("b.png is broken."), "tiny"))
    dialog.add_result(PhotoAnswer(first, answer("a red square, \"quoted\""), "tiny"))
    dialog.finish(False)
    assert not dialog.running
    assert shown(dialog) == [("a.png", 'a red square, "quoted"'), ("b.png", "b.png is broken.")]
    for path in (tmp_path / "answers.csv", tmp_path / "answers.jsonl"):
        rows = export(dialog, path)
        assert [Path(row["image"]).name for row in rows] == ["a.png", "b.png"]
        assert rows[0]["answer"] == 'a red square, "quoted"'
        assert "broken" in rows[1]["error"]
        assert [row["model"] for row in rows] == ["tiny", "tiny"], "the model that answered"
    dialog.add_result(PhotoAnswer(first, answer("late"), "tiny"))
    assert shown(dialog)[0] == ("a.png", 'a red square, "quoted"')


def test_by_keyboard_the_focus_goes_from_start_to_stop_and_back(dialog: BatchDialog, qtbot: QtBot) -> None:
    dialog.show()
    dialog.start_button.setFocus()
    qtbot.keyClick(dialog.start_button, Qt.Key.Key_Space)
    assert dialog.focusWidget() is dialog.cancel_button
    dialog.add_result(PhotoAnswer(dialog.form.images[0], answer("one"), "tiny"))
    dialog.finish(False)
    assert dialog.focusWidget() is dialog.start_button


def test_nothing_is_written_beside_the_photos(dialog: BatchDialog, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    dialog.start_button.click()
    dialog.add_result(PhotoAnswer(dialog.form.images[0], answer("one"), "tiny"))
    assert sorted(folder.rglob("*")) == before
    dialog.finish(True)
    assert sorted(folder.rglob("*")) == before


def test_what_was_answered_is_kept_and_go_on_takes_up_the_rest(
    dialog: BatchDialog, open_dialog: Callable[[], BatchDialog], qtbot: QtBot
) -> None:
    assert dialog.start_button.text() == "&Start"
    dialog.start_button.click()
    dialog.add_result(PhotoAnswer(dialog.form.images[1], answer("one"), "tiny"))
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.cancel_button.click()
    dialog.finish(True)
    assert "1 of 2 photos answered" in named(dialog, QLabel, "What is done").text()

    later = open_dialog()
    assert shown(later) == [("a.png", ""), ("b.png", "one")]
    assert later.start_button.text() == "&Go on"
    with qtbot.waitSignal(later.batch_requested) as requested:
        later.start_button.click()
    assert requested.args is not None
    assert [path.name for path in requested.args[0].images] == ["a.png"]
    later.add_result(PhotoAnswer(later.form.images[0], answer("two"), "tiny"))
    later.finish(False)
    assert shown(open_dialog()) == [("a.png", "two"), ("b.png", "one")]


def test_another_question_model_or_setting_is_not_answered_by_what_is_kept(
    dialog: BatchDialog, open_dialog: Callable[[], BatchDialog]
) -> None:
    answer_all(dialog, "one", "two")
    later = open_dialog()
    later.set_settings(BatchSettings("other"))
    assert shown(later) == [("a.png", ""), ("b.png", "")]
    later.set_settings(BatchSettings("tiny", SpinConfig(keep=2)))
    assert shown(later) == [("a.png", ""), ("b.png", "")]
    later.set_settings(BatchSettings("tiny"))
    assert shown(later) == [("a.png", "one"), ("b.png", "two")]
    later.form.question.setText("Is there a dog?")
    later.form.question.editingFinished.emit()
    assert shown(later) == [("a.png", ""), ("b.png", "")]


def test_a_photo_that_was_changed_is_asked_about_again(
    dialog: BatchDialog, open_dialog: Callable[[], BatchDialog], folder: Path
) -> None:
    answer_all(dialog, "one", "two")
    Image.new("RGB", (9, 9), "blue").save(folder / "a.png")
    assert shown(open_dialog()) == [("a.png", ""), ("b.png", "two")]


def test_a_damaged_line_loses_no_other_answer(
    dialog: BatchDialog, open_dialog: Callable[[], BatchDialog], kept: Path
) -> None:
    answer_all(dialog, "one", "two")
    (file,) = kept.iterdir()
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0][:40], '{"photo": 3}', "[]", *lines[1:], lines[0][:60]]))
    assert shown(open_dialog()) == [("a.png", ""), ("b.png", "two")]


def test_answers_that_are_not_kept_on_the_disk_stay_while_the_dialog_does(qtbot: QtBot, folder: Path) -> None:
    dialog = BatchDialog()
    qtbot.addWidget(dialog)
    dialog.set_settings(BatchSettings("tiny"))
    dialog.set_folder(folder)
    answer_all(dialog, "one", "two")
    dialog.set_settings(BatchSettings("other"))
    dialog.set_settings(BatchSettings("tiny"))
    assert shown(dialog) == [("a.png", "one"), ("b.png", "two")]


def test_a_correction_is_kept_beside_the_models_answer(
    dialog: BatchDialog, open_dialog: Callable[[], BatchDialog], qtbot: QtBot, tmp_path: Path
) -> None:
    answer_all(dialog, "a dog", "a cat")
    dialog.show()
    gallery = named(dialog, ResultGallery, "Photos with their answers")
    gallery.setCurrentIndex(dialog.view.filter.index(1, ANSWER))
    QTest.keyClick(gallery, Qt.Key.Key_F2)
    editor = gallery.findChildren(QLineEdit)[0]
    assert editor.text() == "a cat"
    editor.setText("a horse")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(dialog) == [("a.png", "a dog"), ("b.png", "a horse")])
    later = open_dialog()
    assert shown(later) == [("a.png", "a dog"), ("b.png", "a horse")]
    rows = export(later, tmp_path / "answers.csv")
    assert [(row["answer"], row["correction"]) for row in rows] == [("a dog", ""), ("a cat", "a horse")]
    answer_all(later, "a dog", "a cow")
    assert shown(later)[1] == ("b.png", "a horse"), "what the user wrote outlasts another answer"
    later.view.filter.setData(later.view.filter.index(1, ANSWER), "")
    assert shown(later)[1] == ("b.png", "a cow")


def test_answers_are_filtered_searched_and_sorted(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.form.recursive.setChecked(True)
    dialog.start_button.click()
    for photo, (text, certainty) in zip(dialog.form.images, (("yes", 0.9), ("no", 0.2), ("yes", 0.5)), strict=True):
        dialog.add_result(PhotoAnswer(photo, answer(text, certainty=certainty), "tiny"))
    dialog.finish(False)
    kinds = named(dialog, QComboBox, "Photos to show")
    qtbot.waitUntil(lambda: kinds.findText("“yes” (2)") >= 0)
    kinds.setCurrentIndex(kinds.findText("“yes” (2)"))
    kinds.activated.emit(kinds.currentIndex())
    assert [name for name, _ in shown(dialog)] == ["a.png", str(Path("more/c.png"))]
    assert len(export(dialog, tmp_path / "yes.csv")) == 2, "what is shown is exported"
    dialog.view.filter.search("MORE yes")
    assert [name for name, _ in shown(dialog)] == [str(Path("more/c.png"))]
    dialog.view.filter.search("")
    dialog.view.filter.show_kind("all")
    dialog.view.table.sortByColumn(CERTAINTY, Qt.SortOrder.AscendingOrder)
    assert [name for name, _ in shown(dialog)] == ["b.png", str(Path("more/c.png")), "a.png"]


def test_descriptions_become_captions_that_train_reads(dialog: BatchDialog, folder: Path) -> None:
    answer_all(dialog, "a dog, running", 'a "big" cat', sentence=True)
    dialog.view.filter.setData(dialog.view.filter.index(0, ANSWER), "A wolf, running.")
    dialog.export_button.write("training", folder / "captions.csv")
    captions = {photo.name: photo.captions for photo in load_captions(folder).images}
    assert captions == {"a.png": ("A wolf, running.",), "b.png": ('A "big" cat.',)}


def test_short_answers_become_questions_that_train_reads(dialog: BatchDialog, folder: Path) -> None:
    dialog.form.question.setText("Is there a dog?")
    answer_all(dialog, "yes", "no")
    dialog.export_button.write("training", folder / "questions.jsonl")
    asked = {photo.name: [(pair.question, pair.answer) for pair in photo.questions] for photo in load_captions(folder).images}
    assert asked == {"a.png": [("Is there a dog?", "yes")], "b.png": [("Is there a dog?", "no")]}


def test_training_data_lies_beside_its_photos(dialog: BatchDialog, tmp_path: Path) -> None:
    answer_all(dialog, "yes", "no")
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(ExportError, match="folder of the photos"):
        dialog.export_button.write("training", tmp_path / "elsewhere" / "questions.jsonl")
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_enter_in_a_field_never_starts(dialog: BatchDialog, qtbot: QtBot) -> None:
    dialog.show()
    with qtbot.assertNotEmitted(dialog.batch_requested):
        for field in dialog.findChildren(QLineEdit):
            QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.isVisible()


@pytest.mark.parametrize(("button", "stops", "stays"), [
    ("Stop and close", True, False), ("Close and go on", False, False), ("Cancel", False, True),
])
def test_escape_asks_while_photos_are_asked_about(
    dialog: BatchDialog, qtbot: QtBot, button: str, stops: bool, stays: bool
) -> None:
    dialog.show()
    dialog.start_button.click()
    cancelled: list[bool] = []
    dialog.cancel_requested.connect(lambda: cancelled.append(True))
    press_when_asked(dialog, button)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.findChildren(QMessageBox) or not dialog.findChildren(QMessageBox)[0].isVisible())
    qtbot.waitUntil(lambda: dialog.isVisible() == stays)
    assert bool(cancelled) == stops


def test_any_photo_is_opened_in_the_chat(dialog: BatchDialog, qtbot: QtBot) -> None:
    answer_all(dialog, "one", "two")
    dialog.view.table.selectRow(1)
    with qtbot.waitSignal(dialog.photo_wanted) as wanted:
        dialog.open_button.click()
    assert wanted.args == [dialog.form.images[1]]
    with qtbot.waitSignal(dialog.photo_wanted) as wanted:
        QTest.keyClick(dialog.view.gallery, Qt.Key.Key_Return)
    assert wanted.args == [dialog.form.images[1]]


def test_what_is_missing_is_reported_in_place(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    dialog.set_folder(tmp_path / "empty")
    error = named(dialog, QLabel, "What is wrong")
    assert "no photos" in error.text()
    dialog.set_folder(tmp_path / "photos")
    dialog.form.question.setText("  ")
    with qtbot.assertNotEmitted(dialog.batch_requested):
        dialog.start_button.click()
    assert error.isVisibleTo(dialog)
    assert "question" in error.text()


def test_folders_within_it_too(dialog: BatchDialog) -> None:
    assert len(dialog.form.images) == 2
    dialog.form.recursive.setChecked(True)
    assert len(dialog.form.images) == 3
