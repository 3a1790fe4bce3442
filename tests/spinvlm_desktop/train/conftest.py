"""Captioned photos to train on, and the window and its page of a new run."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.train.setup.setup_view import SetupView

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    """Drawn balls with two captions each."""
    folder = tmp_path / "balls"
    (folder / "Images").mkdir(parents=True)
    rows = [("image", "caption")]
    for number in range(24):
        colour, left, top = list(COLOURS)[number % 3], number % 20, number // 20
        image = Image.new("RGB", (64, 64), (235, 225, 200))
        ImageDraw.Draw(image).ellipse((10 + left, 12 + top, 40 + left, 44 + top), fill=COLOURS[colour])
        image.save(folder / "Images" / f"{number}.png")
        rows += [(f"{number}.png", f"A {colour} ball lies on the sand ."), (f"{number}.png", f"There is a {colour} ball .")]
    with (folder / "captions.txt").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@pytest.fixture
def setup(qtbot: QtBot, tmp_path: Path) -> SetupView:
    """The page of a new run; `runs` is the folder of those that are there."""
    view = SetupView(tmp_path / "runs")
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    return view


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    """The window; no run begins in it by itself."""
    window = open_window()
    window.training.queue.stop()
    return window
