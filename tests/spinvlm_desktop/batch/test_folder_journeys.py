"""A question about a folder of photos, from the window, with the real starter model."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.answers import Answer
from core.config import SpinConfig
from spinvlm_desktop.chat.inside.spin_choice import SpinChoice
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT, ask, look_inside, named, open_photo


def test_a_folder_of_photos(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number, shirt in enumerate(("red", "blue", "green")):
        draw_photo(folder / f"{number}.jpg", shirt=shirt, dog=number != 1, mirrored=number == 2)
    (folder / "broken.jpg").write_text("no photo")
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(folder)
    with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT):
        dialog.start_button.click()
    dialog.export_button.write("jsonl", tmp_path / "answers.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert [Path(row["image"]).name for row in rows] == ["0.jpg", "1.jpg", "2.jpg", "broken.jpg"]
    assert "isn't an image" in rows[3]["error"]
    assert not dialog.running
    for row in rows[:3]:
        open_photo(window, qtbot, Path(row["image"]))
        alone = ask(window, qtbot, row["question"])
        assert isinstance(alone, Answer)
        assert row["answer"] == alone.text, "as the photo is answered alone"
    assert len({row["answer"] for row in rows}) == 4, "which differs from photo to photo"


def test_a_folder_is_answered_with_spin_off_where_the_chat_compares(
    window: MainWindow, qtbot: QtBot, beach_photo: Path, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.csv"
    look_inside(window)
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(beach_photo.parent)
    for mode, reported, spin in (("compare", "SPIN off", "off"), ("on", "SPIN on", "keep=4 alpha=0 layers=0: score=mass")):
        window.tab.spin_bar.set_choice(SpinChoice(mode, SpinConfig(keep=4)))
        window.tab.spin_bar.choice_changed.emit()
        assert reported in named(dialog, QLabel, "How it is answered").text()
        with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT):
            dialog.start_button.click()
        dialog.export_button.write("csv", answers)
        with answers.open(encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["model"], row["spin"]) == ("starter", spin)
