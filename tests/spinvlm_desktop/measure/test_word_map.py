"""The map of a word of a caption: the photo and the model that it needs."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from core.answers import AnswerRequest
from core.config import GenerationConfig
from core.session import ModelSession
from spinvlm_desktop.image import photo_reader
from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image
from spinvlm_desktop.measure.results.captions.word_map import WordMap
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from tests.spinvlm_desktop.measure.measuring import (
    finished,
    wait_for,
)


def test_a_word_of_a_photo_that_is_gone_is_reported(qtbot: QtBot, window: MainWindow, wordy_model: Path) -> None:
    folder = finished(paths.measurements_folder(), name="old", model=str(wordy_model))
    item = {"photo": "a.jpg", "caption": "a dog", "invented": [{"start": 2, "end": 5, "word": "dog", "object": "dog"}],
            "found": [], "missed": []}
    (folder.path / "judged.json").write_text(json.dumps({"settings": {"SPIN off": [item]}}))
    tab = window.measure.tab
    tab.show_job(folder.path)
    assert tab.measurement is not None
    captions = tab.measurement.results.captions
    tab.measurement.results.open_captions(0)
    wait_for(qtbot, lambda: "a.jpg" in captions.map.error())
    captions.ask_for(1)
    wait_for(qtbot, lambda: "another model" in captions.map.error())


def test_a_map_that_comes_before_its_photo_waits_for_it(
    qtbot: QtBot, tmp_path: Path, wordy_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("quick.png", "slow.png"):
        Image.new("RGB", (40, 30), "green").save(tmp_path / name)
    go_on = threading.Event()

    def read(source: Source) -> OpenedImage:
        assert source == tmp_path / "quick.png" or go_on.wait(20)
        return open_image(source)

    monkeypatch.setattr(photo_reader, "open_image", read)
    shown = WordMap()
    qtbot.addWidget(shown)
    shown.show()
    shown.show_photo(tmp_path / "quick.png")
    wait_for(qtbot, lambda: shown.view.accessibleDescription() == "quick.png")
    session = ModelSession.load(wordy_model, device="cpu")
    draws = (GenerationConfig(method="sampling", temperature=2.0, seed=seed) for seed in range(50))
    answers = (session.answer(AnswerRequest(tmp_path / "slow.png", "What is it?", generation=draw)) for draw in draws)
    answer = next(answer for answer in answers if answer.text)

    shown.show_photo(tmp_path / "slow.png")
    wait_for(qtbot, lambda: "Opening slow.png" in shown.notice())
    assert not shown.view.isVisible(), "the photo before isn't that of the caption"
    shown.show_answer(answer, word=0, notice="A map", same=True, ablated=frozenset())
    assert not shown.attention.isVisible()
    go_on.set()
    wait_for(qtbot, lambda: shown.attention.isVisible())
    assert shown.view.accessibleDescription() == "slow.png"
    assert shown.view.render_picture().pixelColor(0, 0) != QColor("green"), "a map lies on the photo"
    assert shown.notice() == "A map"


def test_a_page_may_go_while_its_photo_is_read(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def read(source: Source) -> OpenedImage:
        begun.set()
        assert go_on.wait(20)
        try:
            return open_image(source)
        finally:
            ended.set()

    monkeypatch.setattr(photo_reader, "open_image", read)
    shown = WordMap()
    shown.show_photo(tmp_path / "none.png")
    assert begun.wait(20)
    delete(shown)
    go_on.set()
    assert ended.wait(20)
    qtbot.wait(100)  # what comes of it in the other thread would count as an error of the test
