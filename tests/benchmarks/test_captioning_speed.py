"""A keystroke while 10,000 photos are captioned: from Enter to the next photo on show, and what is written after a pause."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from spinvlm_desktop.batch.batch_request import BatchSettings
from spinvlm_desktop.captioning.captioning_window import CaptioningWindow
from spinvlm_desktop.captioning.describer import Describer
from spinvlm_desktop.captioning.desk import Desk
from spinvlm_desktop.captioning.notes.notes_store import NotesStore
from spinvlm_desktop.captioning.notes.photo_record import PhotoRecord
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.worker.answer_service import AnswerService
from training.data.photo_notes.notes import PhotoNotes

PHOTOS = 10_000
KINDS = ("dog", "man", "boat", "horse", "beach", "")
NAMES = [f"photo {number:05}.jpg" for number in range(PHOTOS)]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[CaptioningWindow]:
    """With half of the photos described, and what the model says of all."""
    folder = tmp_path / "photos"
    folder.mkdir()
    draw_photo(tmp_path / "photo.jpg")
    for name in NAMES:
        os.link(tmp_path / "photo.jpg", folder / name)
    store = NotesStore(tmp_path / "kept", folder)
    store.open()
    described = {name: PhotoRecord(PhotoNotes((f"A man walks a dog past {name}",))) for name in NAMES[::2]}
    store.save(described)
    desk = Desk(NAMES, described)
    for number, name in enumerate(NAMES):
        desk.queue.describe(name, kind=KINDS[number % len(KINDS)], certainty=-((number * 7919) % PHOTOS) / PHOTOS)
        desk.alike.add(name, number * 0x9E3779B97F4A7C15 % 2**64)
    service = AnswerService()
    describer = Describer(service, folder, NAMES, how=BatchSettings, answers=lambda: None)
    window = CaptioningWindow(desk, store, describer)
    window.pages.trail.go_on()
    window.show()
    yield window
    window.reject()
    assert service.shut_down(patience=20)


@pytest.mark.benchmark(group="captioning: 10,000 photos")
def test_enter_takes_a_description_and_shows_the_next_photo(
    benchmark: BenchmarkFixture, window: CaptioningWindow, qtbot: QtBot
) -> None:
    """The next photo was read ahead, as it is when somebody looks at each for half a second."""

    def next_is_read() -> tuple[tuple[object, ...], dict[str, object]]:
        wanted = [name for name in (window.photo, *window.pages.trail.ahead()) if name is not None]
        window.pages.loader.want(wanted)
        qtbot.waitUntil(lambda: all(window.pages.loader.get(name) is not None for name in wanted), timeout=60_000)
        window.caption.field.setPlainText("A woman rides a horse")
        return (), {}

    def press() -> None:
        qtbot.keyClick(window.caption.field, Qt.Key.Key_Return)
        window.repaint()

    benchmark.pedantic(press, setup=next_is_read, rounds=30)


@pytest.mark.benchmark(group="captioning: 10,000 photos")
def test_a_letter_is_typed(benchmark: BenchmarkFixture, window: CaptioningWindow, qtbot: QtBot) -> None:
    benchmark.pedantic(lambda: qtbot.keyClick(window.caption.field, Qt.Key.Key_A), rounds=50)


@pytest.mark.benchmark(group="captioning: 10,000 photos")
def test_a_pause_writes_the_collection(benchmark: BenchmarkFixture, window: CaptioningWindow) -> None:
    """In a thread of its own."""
    numbers = iter(range(PHOTOS))

    def save() -> None:
        window.store.save({NAMES[1]: PhotoRecord(PhotoNotes((f"Version {next(numbers)}",)))})

    benchmark.pedantic(save, rounds=10)
