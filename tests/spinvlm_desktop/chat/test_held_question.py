"""A question that is sent while its photo is still being read belongs to that photo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QListWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.image import photo_reader
from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image
from spinvlm_desktop.startup.main_window import MainWindow
from tests.spinvlm_desktop.driving import QUESTION, TIMEOUT, listed, named, open_photo


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    found = {name: tmp_path / f"{name}.png" for name in ("red", "slow", "blue")}
    for colour, path in zip(("red", "lime", "blue"), found.values(), strict=True):
        Image.new("RGB", (30, 20), colour).save(path)
    return found


@pytest.fixture
def read_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Until this is set the photo `slow.png` is being read."""
    go_on = threading.Event()

    def open_slowly(source: Source) -> OpenedImage:
        if isinstance(source, Path) and source.name == "slow.png":
            go_on.wait(20)
        return open_image(source)

    monkeypatch.setattr(photo_reader, "open_image", open_slowly)
    yield go_on
    go_on.set()


def send(window: MainWindow) -> None:
    window.tab.chat.field.setPlainText(QUESTION)
    window.tab.chat.field.send()


def asked_about(window: MainWindow) -> list[str]:
    return [conversation.image_name for conversation in window.conversation.recorder.store.conversations()]


def test_it_is_sent_when_its_photo_is_there(
    window: MainWindow, qtbot: QtBot, photos: dict[str, Path], read_on: threading.Event
) -> None:
    window.open_photos([photos["slow"]])
    send(window)
    assert listed(window) == []
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        read_on.set()
    assert asked_about(window) == ["slow.png"]


def test_it_is_not_sent_about_the_photo_on_show_that_is_chosen_instead(
    window: MainWindow, qtbot: QtBot, photos: dict[str, Path], read_on: threading.Event
) -> None:
    with qtbot.waitSignal(window.tab.image.reader.ended, timeout=TIMEOUT):
        window.tab.image.open_sources([photos["red"], photos["slow"]])
    row = named(window.tab.image, QListWidget, "Photos dropped together")
    row.itemClicked.emit(row.item(1))
    send(window)
    row.itemClicked.emit(row.item(0))
    qtbot.wait(50)
    assert asked_about(window) == []
    assert window.tab.chat.field.toPlainText() == QUESTION, "it stays to be sent or changed"
    shown = window.tab.image.current()
    assert shown is not None
    assert shown.name == "red.png"


def test_it_is_not_sent_about_a_photo_that_is_opened_instead(
    window: MainWindow, qtbot: QtBot, photos: dict[str, Path], read_on: threading.Event
) -> None:
    window.open_photos([photos["slow"]])
    send(window)
    open_photo(window, qtbot, photos["blue"])
    qtbot.wait(50)
    assert asked_about(window) == []
    assert window.tab.chat.field.toPlainText() == QUESTION
    with qtbot.waitSignal(window.service.answered, timeout=TIMEOUT):
        window.tab.chat.field.send()
    assert asked_about(window) == ["blue.png"]
