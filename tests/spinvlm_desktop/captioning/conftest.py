"""Photos without captions, and the window that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.captioning.captioning_by_keys import opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four photos of which two are the same but for their size, and no captions."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    draw_photo(folder / "a.jpg")
    draw_photo(folder / "b.jpg", shirt="blue", dog=False, mirrored=True)
    with Image.open(folder / "a.jpg") as photo:
        photo.resize((300, 225)).save(folder / "c.jpg")
    Image.linear_gradient("L").convert("RGB").save(folder / "d.jpg")
    return folder


@pytest.fixture
def open_captioning(
    open_window: Callable[[], MainWindow], qtbot: QtBot, folder: Path
) -> Iterator[Callable[[], CaptioningWindow]]:
    """Opens the folder, each time in a new start of the program; without a model."""
    windows: list[MainWindow] = []

    def make() -> CaptioningWindow:
        for window in windows:
            window.close()
        windows.append(open_window())
        return opened(windows[-1], qtbot, folder)

    yield make
    for window in windows:
        window.close()
