"""How long a turn of the window's event loop takes while a training and a folder of photos report to it.

A turn of more than 50 ms is felt: the worst one counts, and stands under Max."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core.answers import Answer
from spinvlm_desktop.batch.batch_dialog import BatchDialog
from spinvlm_desktop.train.run.run_view import RunView
from spinvlm_desktop.worker.answer_worker import PhotoAnswer
from training.run.events import EventLog

GROUP = "a turn of the window"
ROUNDS = 60


@pytest.mark.benchmark(group=GROUP)
def test_steps_of_a_long_run_are_shown(benchmark: BenchmarkFixture, qtbot: QtBot, tmp_path: Path) -> None:
    """Twenty steps after three thousand."""
    (tmp_path / "config.json").write_text("{}")
    log = EventLog(tmp_path / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=5, steps=9000)

    def write_steps(first: int, count: int) -> None:
        for step in range(first, first + count):
            log.write("step", stage="warm_up", step=step, steps=9000, epoch=0, loss=3.0, samples_per_second=9.0, memory_mb=900)

    write_steps(1, 3000)
    view = RunView(tmp_path)
    qtbot.addWidget(view)
    view.show()
    view.follow()
    qtbot.waitUntil(lambda: view.progress.done == 3000)
    written = iter(range(3001, 9000, 20))

    def write() -> tuple[tuple[object, ...], dict[str, object]]:
        write_steps(next(written), 20)
        return (), {}

    def turn() -> None:
        view.follow()
        QApplication.processEvents()

    benchmark.pedantic(turn, setup=write, rounds=ROUNDS)
    view.close_view()


@pytest.mark.benchmark(group=GROUP)
def test_answers_come_into_the_gallery(benchmark: BenchmarkFixture, qtbot: QtBot, tmp_path: Path) -> None:
    """Eight of a thousand, while the gallery is scrolled."""
    folder = tmp_path / "many"
    folder.mkdir()
    Image.effect_noise((640, 480), 60).convert("RGB").save(tmp_path / "photo.jpg")
    for number in range(1000):
        (folder / f"{number:04}.jpg").symlink_to(tmp_path / "photo.jpg")
    dialog = BatchDialog(answers=lambda: tmp_path / "kept")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.set_folder(folder)
    dialog.start_button.click()
    qtbot.wait(300)
    photos = iter(dialog.form.images)
    bar = dialog.view.gallery.verticalScrollBar()

    def turn() -> None:
        for number in range(8):
            answer = Answer("Describe the image in detail.", f"a dog number {number}", (), "end", -1.0, 0.1)
            dialog.add_result(PhotoAnswer(next(photos), answer, "tiny"))
        bar.setValue(bar.value() + 40)
        QApplication.processEvents()

    benchmark.pedantic(turn, rounds=ROUNDS)
    dialog.finish(False)
