from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.errors import ImageError
from spinvlm_desktop.batch.batch_dialog import BatchDialog
from spinvlm_desktop.batch.batch_request import time_left


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
    dialog.add_result(0, answer("a red square, \"quoted\""))
    dialog.add_result(1, ImageError("b.png is broken."))
    dialog.finish(False)
    assert not dialog.running
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["answer"] == 'a red square, "quoted"'
    assert "broken" in rows[1]["error"]
    assert dialog.table.rowCount() == 2
    dialog.add_result(0, answer("late"))
    assert dialog.table.rowCount() == 2


def test_cancel_keeps_what_is_done(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.form.set_output(tmp_path / "answers.jsonl")
    dialog.start_button.click()
    dialog.add_result(0, answer("one"))
    with qtbot.waitSignal(dialog.cancel_requested):
        dialog.cancel_button.click()
    dialog.finish(True)
    assert "Cancelled: 1 of 2 photos done" in dialog._line.text()
    assert [json.loads(line)["answer"] for line in (tmp_path / "answers.jsonl").read_text().splitlines()] == ["one"]


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


def test_what_is_missing_is_told_in_place(dialog: BatchDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    dialog.set_folder(tmp_path / "empty")
    assert "no photos" in dialog._error.text()
    dialog.set_folder(tmp_path / "photos")
    dialog.form.question.setText("  ")
    with qtbot.assertNotEmitted(dialog.batch_requested):
        dialog.start_button.click()
    assert dialog._error.isVisibleTo(dialog)


def test_folders_within_it_too(dialog: BatchDialog) -> None:
    assert len(dialog.form.images) == 2
    dialog.form.recursive.setChecked(True)
    assert len(dialog.form.images) == 3


def test_time_left_in_words() -> None:
    assert [time_left(seconds) for seconds in (3, 42, 100, 3700)] == [
        "about 5 seconds left", "about 40 seconds left", "about 2 minutes left", "about 1.0 hours left"
    ]
