from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.errors import ImageError
from spinvlm_desktop.batch.batch_dialog import BatchDialog
from spinvlm_desktop.worker.answer_worker import PhotoAnswer
from tests.spinvlm_desktop.driving import named


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for name in ("a.png", "b.png", "more/c.png"):
        Image.new("RGB", (8, 8), "red").save(folder / name)
    (folder / "notes.txt").write_text("no photo")
    return folder


@pytest.fixture
def dialog(qtbot: QtBot, folder: Path) -> BatchDialog:
    dialog = BatchDialog()
    qtbot.addWidget(dialog)
    dialog.set_folder(folder)
    return dialog


def answer(text: str) -> Answer:
    return Answer("Describe the image in detail.", text, (), "end", -1.0, 0.1)


def test_results_become_rows_of_the_table_and_of_the_file(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.form.set_output(tmp_path / "answers.csv")
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
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["image"]).name for row in rows] == ["b.png", "a.png"], "in the order in which they came"
    assert "broken" in rows[0]["error"]
    assert rows[1]["answer"] == 'a red square, "quoted"'
    assert [row["model"] for row in rows] == ["tiny", "tiny"], "the model that answered"
    assert dialog.table.rowCount() == 2
    dialog.add_result(PhotoAnswer(first, answer("late"), "tiny"))
    assert dialog.table.rowCount() == 2


def test_cancel_keeps_what_is_done(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.form.set_output(tmp_path / "answers.jsonl")
    dialog.start_button.click()
    dialog.add_result(PhotoAnswer(dialog.form.images[1], answer("one"), "tiny"))
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.cancel_button.click()
    dialog.finish(True)
    assert "Cancelled: 1 of 2 photos done" in named(dialog, QLabel, "What is done").text()
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert [(Path(row["image"]).name, row["answer"]) for row in rows] == [("b.png", "one")]


def test_a_file_that_is_there_is_replaced_only_when_the_user_says_so(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    output = tmp_path / "answers.csv"
    output.write_text("mine")
    dialog.form.set_output(output)
    with qtbot.assertNotEmitted(dialog.batch_requested):
        dialog.start_button.click()
    box = dialog.findChildren(QMessageBox)[0]
    assert output.read_text() == "mine"
    with qtbot.waitSignal(dialog.batch_requested):
        next(button for button in box.buttons() if button.text() == "Replace").click()
    dialog.finish(True)
    assert output.read_text() == "mine", "there is no answer that could take its place"
    dialog.start_button.click()
    next(button for button in dialog.findChildren(QMessageBox)[-1].buttons() if button.text() == "Replace").click()
    dialog.add_result(PhotoAnswer(dialog.form.images[0], answer("a red square"), "tiny"))
    dialog.finish(True)
    assert "a red square" in output.read_text()
    assert "mine" not in output.read_text()


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
