from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from spinvlm_desktop.image.image_pane import ImagePane
from spinvlm_desktop.system.start_folder import StartFolder, usual_folder
from spinvlm_desktop.train.curves.loss_plot import LossPlot


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder with pictures and documents, as the system names them."""
    for name in ("Pictures", "Documents", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda place: str(tmp_path / place.name.removesuffix("Location")))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def test_dialogs_begin_in_the_users_folders_and_then_where_the_last_file_was(user: Path) -> None:
    folder = StartFolder()
    assert folder.path() == str(user / "Documents")
    assert folder.path("a.png", kind="pictures") == str(user / "Pictures" / "a.png")
    folder.remember(user / "work" / "a.png")
    assert folder.path("b.csv") == str(user / "work" / "b.csv")
    (user / "work").rename(user / "elsewhere")
    assert folder.path() == str(user / "Documents"), "the folder is gone"
    (user / "Pictures").rmdir()
    assert usual_folder("pictures") == user


def test_photos_and_exports_begin_there(qtbot: QtBot, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Path] = []
    chosen = user / "work" / "dog.png"
    Image.new("RGB", (40, 30), "red").save(chosen)

    def choose(_parent: object, _title: str, start: str, *_: object) -> tuple[list[str], str]:
        begun.append(Path(start))
        return [str(chosen)], ""

    def save(_parent: object, _title: str, start: str, *_: object) -> tuple[str, str]:
        begun.append(Path(start))
        return str(user / "work" / "curves.csv"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", choose)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", save)
    pane, plot = ImagePane(), LossPlot()
    qtbot.addWidget(pane)
    qtbot.addWidget(plot)
    for _ in range(2):
        with qtbot.waitSignal(pane.reader.ended):
            pane.choose_file()
        next(button for button in plot.findChildren(QPushButton) if button.text().replace("&", "") == "Save curves…").click()
    assert begun == [
        user / "Pictures", user / "Documents" / "curves.png", user / "work", user / "work" / "curves.png",
    ]
