"""A folder of photos that differ, cancelled in the middle of a portion: no answer may go to another photo."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from core.images.photo_encoder import PhotoEncoder
from spinvlm_desktop.batch.result_model import ANSWER, PHOTO
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import TIMEOUT

BROKEN = 6
"""Number of the photo that can't be read, the third of the second portion."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve photos of twelve colours, one of them broken."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(12):
        Image.new("RGB", (40 + number, 30), (20 * number, 240 - 20 * number, 90)).save(folder / f"{number:02}.png")
    (folder / f"{BROKEN:02}.png").write_bytes(b"no photo")
    return folder


def test_each_result_of_a_cancelled_folder_belongs_to_its_photo(
    window: MainWindow, qtbot: QtBot, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode: Callable[..., Any] = PhotoEncoder.encode
    portions: list[list[Path]] = []

    def encode_and_cancel(self: PhotoEncoder, images: list[Path]) -> Any:
        features = encode(self, images)
        portions.append(images)
        if len(portions) == 2:  # those of this portion that could be answered are stopped before their first word
            window.service.cancel_batch()
        return features

    monkeypatch.setattr(PhotoEncoder, "encode", encode_and_cancel)
    window.batch.show()
    dialog = window.batch.dialog
    assert dialog is not None
    dialog.set_folder(folder)
    with qtbot.waitSignal(window.service.batch_ended, timeout=TIMEOUT) as ended:
        dialog.start_button.click()
    assert ended.args == [True, ""]
    dialog.export_button.write("csv", tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {Path(row["image"]).name: row for row in csv.DictReader(file)}
    answered = [name for name, row in rows.items() if row["answer"]]
    assert answered == ["00.png", "01.png", "02.png", "03.png"]
    assert {name: row["error"] for name, row in rows.items() if row["error"]}.keys() == {f"{BROKEN:02}.png"}
    model = dialog.results
    texts = {model.index(row, PHOTO).data(): model.index(row, ANSWER).data() for row in range(model.rowCount())}
    shown = {name: text for name, text in texts.items() if text}
    assert shown.keys() == rows.keys()
    assert f"{BROKEN:02}.png" in shown[f"{BROKEN:02}.png"], "the sentence names the photo that is broken"
