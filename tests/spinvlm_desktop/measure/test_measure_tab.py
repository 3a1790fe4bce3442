"""What a user does in the tab that measures models, with real measurements in processes of their own."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pyqtgraph as pg
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMessageBox, QProgressBar, QToolButton
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from core.answers import AnswerRequest
from core.config import GenerationConfig, ModelConfig, SpinConfig
from core.errors import ConfigError
from core.files.checkpoint import save_model
from core.model.vlm import VisionLanguageModel
from core.session import ModelSession
from core.text.tokenizer import Tokenizer
from spinvlm_desktop.image import photo_reader
from spinvlm_desktop.image.opened_image import OpenedImage, Source, open_image
from spinvlm_desktop.jobs.job import STATE_WORDS
from spinvlm_desktop.jobs.job_list import FOLDER_ROLE
from spinvlm_desktop.jobs.job_process import process_record
from spinvlm_desktop.measure.duration_estimate import estimate, pace_of
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings, parse_alphas, parse_keeps
from spinvlm_desktop.measure.measurement_view import MeasurementView, shown_report
from spinvlm_desktop.measure.results.captions.caption_words import words_of
from spinvlm_desktop.measure.results.captions.captions_view import arranged, judgement
from spinvlm_desktop.measure.results.captions.word_map import WordMap
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.measure.results.results_view import ResultsView
from spinvlm_desktop.measure.results.shown_reports import ShownReport
from spinvlm_desktop.measure.setup_view import SetupView
from spinvlm_desktop.pictures.drawn_photos import draw_collection
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.widgets.theme import apply_theme
from spinvlm_desktop.worker.answer_service import AnswerService
from tests.spinvlm_desktop.driving import press_when_asked, visible_text
from training.evaluation.judged_captions import Invented, JudgedCaption
from training.evaluation.metrics.pareto import pareto_front
from training.run.run_folder import RunFolder
from training.run.training_config import preset

TIMEOUT = 150_000
WORDS = ["horse", "car", "snow", "ball", "bicycle", "guitar", "boat", "tree"]
"""None of them is in the drawn photos."""


@pytest.fixture(scope="module")
def wordy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has learnt nothing and names objects at random, so that it surely invents some."""
    folder = tmp_path_factory.mktemp("wordy")
    vocabulary = {word: number for number, word in enumerate(["<pad>", "<unk>", "<image>", "<start>", "<end>", *WORDS])}
    (folder / "words.json").write_text(json.dumps(vocabulary))
    tokenizer = Tokenizer.from_vocabulary(folder / "words.json")
    with torch.random.fork_rng(devices=[]):
        torch.random.manual_seed(0)
        sizes = ModelConfig(
            vocabulary_size=tokenizer.vocabulary_size, image_size=32, width=32, layers=2, heads=4, feed_forward_width=64,
            max_answer_tokens=12,
        )
        model = VisionLanguageModel(sizes).eval()
        torch.nn.init.normal_(model.token_embedding.weight, std=0.5)
        for layer in range(2):
            for part in ("query", "key_value", "output"):
                getattr(model.decoder.layers[layer].cross_attention, part).weight.data *= 15
    path = folder / "wordy.safetensors"
    save_model(path, model, tokenizer, metrics={}, recipe={}, precision="float32")
    return path


@pytest.fixture(scope="module")
def beach(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty drawn photos with two captions each."""
    folder = tmp_path_factory.mktemp("drawn") / "beach"
    draw_collection(folder)
    return folder


@pytest.fixture
def open_window(open_window: Callable[[], MainWindow]) -> Callable[[], MainWindow]:
    """Opens the window, at the tab."""

    def make() -> MainWindow:
        window = open_window()
        window.tabs.setCurrentWidget(window.measure.tab)
        return window

    return make


@pytest.fixture
def window(open_window: Callable[[], MainWindow]) -> MainWindow:
    return open_window()


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=TIMEOUT)


def start(window: MainWindow, model: Path, data: Path, *, name: str = "First look", grid: bool = True) -> MeasureJob:
    """Fill in the page and press the button, without waiting for the photos to be looked over."""
    tab = window.measure.tab
    tab.show_setup()
    setup = tab.setup
    setup.data.field.setText(str(data))
    setup.model.choose([model])
    setup.measures.split.setCurrentIndex(2)
    setup.measures.photos.setValue(20)
    setup.measures.probes.setChecked(True)
    setup.measures.spin.setCurrentIndex(1 if grid else 2)
    setup.measures.keeps.setText("1, 2, 3")
    setup.measures.alphas.setText("0, 0.2")
    setup.name.setText(name)
    assert setup.start_button.isEnabled(), setup.error()
    setup.start_button.click()
    return MeasureJob(paths.measurements_folder() / name)


def test_from_a_model_to_the_map_of_a_word_that_it_invents(
    qtbot: QtBot, open_window: Callable[[], MainWindow], wordy_model: Path, beach: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    tab = window.measure.tab
    assert tab.page() is tab.setup, "where nothing was measured the page explains what can be"
    folder = start(window, wordy_model, beach)
    view = tab.measurement
    assert view is not None
    wait_for(qtbot, lambda: view.state == "running" and folder.progress() is not None)
    wait_for(qtbot, lambda: " % · less than a minute left · " in view.line)
    view.pause_button.click()
    wait_for(qtbot, lambda: view.state == "paused")
    assert not folder.is_alive()
    assert "% of it is done" in view.line
    assert view.resume_button.isVisible()

    view.resume_button.click()
    wait_for(qtbot, folder.is_alive)
    process = folder.process.running()
    assert process is not None
    process.kill()
    wait_for(qtbot, lambda: view.state == "interrupted")
    assert "Resume" in view.error()
    window.close()

    again = open_window()
    tab = again.measure.tab
    view = tab.measurement
    assert view is not None
    assert view.folder == folder.path, "the next start finds it"
    assert "First look" in again.statusBar().currentMessage()
    view.resume_button.click()
    wait_for(qtbot, lambda: view.state == "finished")
    results = view.results
    assert results.verdict()
    assert results.table.rowCount() == 7 + 1 + 2, "SPIN off, six settings, what the chat shows, people and chance"
    assert results.tabs.isTabVisible(2)
    assert not results.tabs.isTabVisible(3), "there are no boxes"

    click_bar(qtbot, results, row=2)
    assert results.tabs.currentWidget() is results.captions
    shown = results.captions.row
    assert shown is not None
    assert shown.row.name == "K=1, alpha 0.2"
    items = ReportFolder(folder.path).captions(shown.row.name)
    assert len(items) == 20
    assert results.captions.wanted_caption() == arranged(items, "invented")[0].caption
    word = results.captions.words.first_invented()
    assert word is not None, "the first one invents something"
    wait_for(qtbot, lambda: results.captions.map.view.accessibleDescription() == results.captions.map.photo.name)
    without_map = results.captions.map.view.render_picture()
    asked: list[AnswerRequest] = []
    ask = AnswerService.ask
    monkeypatch.setattr(AnswerService, "ask", lambda service, request: asked.append(request) or ask(service, request))
    press_word(qtbot, results, word)
    wait_for(qtbot, lambda: results.captions.map.attention.isVisible())
    assert [request.free_form for request in asked] == [True], "as the measurement asked it"
    current = results.captions.map.attention.current_word()
    assert current is not None
    assert current.index == word
    assert current.text == words_of(results.captions.wanted_caption())[word].text
    assert results.captions.map.view.render_picture() != without_map

    for ending in ("csv", "json", "png"):
        results.export(tmp_path / f"report.{ending}")
    table = list(csv.DictReader((tmp_path / "report.csv").read_text().splitlines()))
    assert [row["setting"] for row in table[:2]] == ["SPIN off", "K=1, alpha 0"]
    assert float(table[0]["chair_i_low"]) <= float(table[0]["chair_i"]) <= float(table[0]["chair_i_high"])
    assert json.loads((tmp_path / "report.json").read_text())["recipe"]["split"] == "train"
    assert QImage(str(tmp_path / "report.png")).width() > 300

    results.choose(2)
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        results.use_button.click()
    assert again.tabs.currentWidget() is again.tab
    assert again.tab.spin_bar.choice().mode == "on"
    assert again.tab.spin_bar.choice().spin == SpinConfig(keep=1, alpha=0.2)
    again.close()
    assert again.settings.model == str(wordy_model)


def click_bar(qtbot: QtBot, results: ResultsView, *, row: int) -> None:
    plot = results.bars.plot
    qtbot.waitUntil(lambda: plot.isVisible() and plot.getViewBox().height() > 0, timeout=TIMEOUT)
    plot.grab()  # lays the page out
    place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(1, row)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press_word(qtbot: QtBot, results: ResultsView, word: int) -> None:
    """With the arrow keys, as without a mouse."""
    words = results.captions.words
    for _ in range(word + 1):
        qtbot.keyClick(words, Qt.Key.Key_Right)


def test_how_far_the_whole_measurement_is_stays_known_when_it_was_cut_off(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "cut off"
    folder = MeasureJob(path)
    folder.prepare(MeasurementSettings(str(tmp_path)))
    reported = {"what": "describing: SPIN off", "done": 32, "total": 60, "part": 0.439, "seconds_left": 130.0}
    folder.log.write_text(f'{json.dumps({**reported, "part": 0.2})}\n{json.dumps(reported)}\n')
    view = MeasurementView(path)
    qtbot.addWidget(view)
    assert view.state == "interrupted"
    assert view.line == f"{STATE_WORDS['interrupted'].capitalize()}. 43 % of it is done."
    bar = view.findChild(QProgressBar)
    assert isinstance(bar, QProgressBar)
    assert (bar.value(), bar.maximum()) == (439, 1000)
    assert bar.isVisibleTo(view)
    (path / "process.json").write_text(process_record(psutil.Process()))
    view.look()
    assert view.state == "running"
    assert view.line == "43 % · 2 min left · Describing: SPIN off, 32 of 60"
    view.close_view()


def test_what_goes_wrong_is_reported_in_a_sentence(
    qtbot: QtBot, window: MainWindow, wordy_model: Path, beach: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    folder = start(window, wordy_model, moved)
    view = window.measure.tab.measurement
    assert view is not None
    wait_for(qtbot, lambda: view.state == "failed")
    assert "moved" in view.error()
    assert "Traceback" not in view.error()
    assert view.resume_button.isVisible()
    assert folder.messages()

    broken = tmp_path / "broken.safetensors"
    broken.write_text("no model")
    start(window, broken, beach, name="Broken model")
    view = window.measure.tab.measurement
    assert view is not None
    wait_for(qtbot, lambda: view.state == "failed")
    assert "broken.safetensors" in view.error()


def test_one_is_measured_after_the_other_and_beside_a_training_only_when_asked(
    qtbot: QtBot, window: MainWindow, wordy_model: Path, beach: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = window.measure.tab
    training = RunFolder(paths.runs_folder() / "My model")
    training.create(preset("quick", data="nowhere"))
    lock = training.lock()  # as a process that trains in a terminal holds it

    press_when_asked(tab, "Cancel")
    assert not start(window, wordy_model, beach, name="first", grid=False).path.exists()
    press_when_asked(tab, "Measure after it")
    first = start(window, wordy_model, beach, name="first", grid=False)
    press_when_asked(tab, "Measure now")
    second = start(window, wordy_model, beach, name="second", grid=False)
    assert second.state() == "running"
    assert first.state() == "waiting"
    tab.queue.take_turn()
    assert first.state() == "waiting"
    second.end(wait=True)
    tab.queue.take_turn()
    assert first.state() == "waiting", "the training goes on"
    lock.release()
    tab.queue.take_turn()
    assert first.state() == "running"
    first.end(wait=True)
    assert first.state() == "paused"


def finished(folder: Path, *, name: str, model: str | None = None, invented: float = 20.0) -> MeasureJob:
    """A measurement as its files tell it, of two settings; for what is shown, not for what is measured."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "measurement.json").write_text(json.dumps(MeasurementSettings(str(folder), model=model).to_dict()))

    def row(title: str, spin: SpinConfig | None, value: float) -> dict[str, object]:
        scores = {"value": value, "low": value - 2, "high": value + 2}
        return {
            "name": title, "spin": None if spin is None else spin.to_dict(), "captions": {"mean_words": 9.5},
            "chair": {}, "intervals": dict.fromkeys(("chair_i", "chair_s", "recall", "cider_d"), scores),
        }

    people = {"chair_i": 1.5, "chair_s": 2.5, "recall": 80.0}
    rows = [row("SPIN off", None, invented), row("K=2, alpha 0", SpinConfig(keep=2), invented - 3)]
    (path / "report.json").write_text(json.dumps({
        "recipe": {"photos": ["a.jpg"], "question": "Describe.", "model": "0"}, "rows": rows, "humans": people, "chance": people,
        "calibrated": "K=2, alpha 0", "verdict": f"The verdict of {name}.",
        "pointing": {"words": 12, "chance": {"hit": 20.0, "mass": 20.0},
                     "kept": {"hit": {"value": 40.0, "low": 30.0, "high": 50.0}, "mass": {"value": 35, "low": 30, "high": 40}},
                     "heads": [[{"hit": 10.0, "mass": 5.0}, {"hit": 60.0, "mass": 50.0}]] * 3},
    }))
    return MeasureJob(path)


def shown_results(qtbot: QtBot, folder: MeasureJob) -> tuple[ShownReport, ResultsView]:
    """The measurement's report, and the view that shows it."""
    shown = shown_report(folder.path)
    assert shown is not None
    results = ResultsView()
    qtbot.addWidget(results)
    results.show_reports([shown])
    return shown, results


def test_the_table_says_what_a_setting_does_on_the_model_that_was_measured(qtbot: QtBot, tmp_path: Path) -> None:
    folder = finished(tmp_path, name="one")
    report = json.loads(folder.report.read_text())
    report["rows"][1] |= {"name": "r=0.95, alpha 0.08", "spin": SpinConfig(keep=0.95, alpha=0.08).to_dict()}
    does = " for captions: 7 of 8 heads kept in every layer, the others × 0.08"
    for sizes, tip in (({}, ""), ({"layers": 4, "heads": 8}, does)):
        report["recipe"] |= sizes
        folder.report.write_text(json.dumps(report))
        shown, results = shown_results(qtbot, folder)
        assert shown.in_words().split(" · ")[1].startswith("1 photo of dev")
        name = results.table.item(1, 0)
        assert name.text() == "r=0.95, alpha 0.08 (authors')"
        assert tip in name.toolTip()
        assert bool(tip) == bool(name.toolTip()), "an older report doesn't say how many heads there are"


def test_start_is_in_sight_in_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    window.resize(1024, 700)
    try:
        for points in (16, 10):
            apply_theme(application, "light", font_size=points)
            for tab in (window.training, window.measure.tab):
                window.tabs.setCurrentWidget(tab)
                tab.show_setup()
                button = tab.setup.start_button
                qtbot.waitUntil(lambda button=button: button.visibleRegion().boundingRect().size() == button.size())
    finally:
        apply_theme(application, "light", font_size=10)


def test_one_sentence_says_what_follows_and_figures_are_folded(qtbot: QtBot, tmp_path: Path) -> None:
    folder = finished(tmp_path, name="one")
    shown, results = shown_results(qtbot, folder)
    assert "1 photo was measured, and at least 100 are needed" in shown.headline()
    text = visible_text(results)
    assert shown.headline() in text
    assert results.verdict() not in text
    (fold,) = [button for button in results.findChildren(QToolButton) if button.text() == "In figures"]
    fold.click()
    assert results.verdict() in visible_text(results)
    many = replace(shown, report=replace(shown.report, recipe={**shown.report.recipe, "photos": ["photo"] * 250}))
    assert many.headline() == "K=2, alpha 0 is best for this model, on 250 photos."
    off = replace(many, report=replace(many.report, calibrated=many.report.rows[0].name))
    assert off.headline() == "SPIN off is best for this model, on 250 photos."


def test_side_by_side_is_on_as_soon_as_two_are_finished(window: MainWindow) -> None:
    tab, home = window.measure.tab, paths.measurements_folder()
    finished(home, name="one")
    tab.refresh()
    assert not tab.compare_button.isEnabled()
    finished(home, name="two", invented=21.0)
    tab.refresh()
    assert tab.compare_button.isEnabled(), "none of them is chosen"
    tab.compare_button.click()
    page = tab.page()
    assert isinstance(page, ResultsView)
    assert "one: " in page.verdict()
    assert "two: " in page.verdict()


def test_several_measurements_are_shown_side_by_side(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = paths.measurements_folder()
    for number, name in enumerate(("one", "two")):
        finished(home, name=name, model=f"/models/{name}.safetensors", invented=20.0 + number)
    tab = window.measure.tab
    tab.refresh()
    tab.list.selectAll()
    assert tab.compare_button.isEnabled()
    tab.compare_button.click()
    results = tab.page()
    assert isinstance(results, ResultsView)
    assert results.table.rowCount() == 2 * 2 + 2 * 2
    assert {"one: SPIN off", "★ two: K=2, alpha 0"} <= {results.table.item(row, 0).text() for row in range(8)}
    assert "two: The verdict of two." in results.verdict()
    assert results.pointing.grid.rowCount() == 3
    reported: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: reported.append(arguments[2]))
    tab.rename(home / "one", "two")
    tab.rename(home / "one", "a/b")
    assert "already" in reported[0]
    assert "A name has" in reported[1]
    tab.rename(home / "one", "three")
    assert (home / "three" / "report.json").is_file()
    tab.delete(home / "three")
    assert not (home / "three").exists() or "couldn't be moved to the bin" in reported[-1], "not every system has a bin"


def test_the_picture_of_a_report_is_whole_whatever_size_the_window_has(qtbot: QtBot, tmp_path: Path) -> None:
    shown = shown_report(finished(tmp_path, name="one").path)
    assert shown is not None
    pictures: list[QImage] = []
    for width in (500, 1500):
        results = ResultsView()
        qtbot.addWidget(results)
        results.resize(width, 400)
        results.show_reports([shown])
        results.export(tmp_path / f"{width}.png")
        pictures.append(QImage(str(tmp_path / f"{width}.png")))
    narrow, wide = pictures
    assert narrow == wide
    edges = [QRect(0, 0, narrow.width(), 10), QRect(0, 0, 10, narrow.height()),
             QRect(narrow.width() - 10, 0, 10, narrow.height()), QRect(0, narrow.height() - 10, narrow.width(), 10)]
    for edge in edges:
        colours = {narrow.pixel(x, y) for x in range(edge.left(), edge.right()) for y in range(edge.top(), edge.bottom())}
        assert len(colours) == 1, "nothing runs over the edge"


def test_what_is_on_show_stays_marked_in_the_list(qtbot: QtBot, window: MainWindow) -> None:
    home = paths.measurements_folder()
    for name in ("one", "two", "three"):
        finished(home, name=name)
    tab = window.measure.tab

    def click_beside() -> None:
        qtbot.mouseClick(tab.list.viewport(), Qt.MouseButton.LeftButton, pos=tab.list.viewport().rect().bottomLeft())

    def marked() -> set[str]:
        return {item.text().splitlines()[0] for item in tab.list.selectedItems()}

    tab.show_job(home / "two")
    assert marked() == {"two"}
    click_beside()
    assert marked() == {"two"}
    for row in range(3):
        tab.list.item(row).setSelected(tab.list.item(row).data(FOLDER_ROLE).name != "two")
    tab.refresh()
    assert marked() == {"one", "three"}, "what was chosen for comparison stays chosen when the list is made again"
    tab.compare_button.click()
    click_beside()
    assert marked() == {"one", "three"}
    assert tab.compare_button.isEnabled()
    tab.show_setup()
    assert marked() == set()
    click_beside()
    assert marked() == set()


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


def test_every_field_is_checked_as_it_is_typed(qtbot: QtBot, tmp_path: Path) -> None:
    setup = SetupView(tmp_path, lambda: [("mine", tmp_path / "mine.safetensors")])
    qtbot.addWidget(setup)
    assert setup.model.chosen() == [None]
    setup.measures.spin.setCurrentIndex(1)
    wrong = (("", "give one number"), ("two", "is no number"), ("0", "whole number of heads, at least 1"), ("2,.5,.50", "twice"))
    for text, words in wrong:
        setup.measures.keeps.setText(text)
        setup.measures.keeps.textEdited.emit(text)
        assert words in setup.error()
        assert not setup.start_button.isEnabled()
    setup.measures.keeps.setText("2, 0.5")
    setup.measures.keeps.textEdited.emit("")
    assert setup.start_button.isEnabled()
    setup.model.choose([])
    assert "Tick a model" in setup.error()
    setup.measures.methods.setChecked(True)
    setup.model.choose([None, tmp_path / "mine.safetensors"])
    setup.start_button.click()
    assert "Choose the folder" in setup.error()
    setup.data.field.setText(str(tmp_path))
    with qtbot.waitSignal(setup.wanted) as reported:
        setup.start_button.click()
    assert reported.args is not None
    assert [name for name, _ in reported.args[0]] == ["First look – Starter model", "First look – mine"]
    settings = reported.args[0][1][1]
    assert settings.keeps == (2, 0.5)
    arguments = settings.arguments(tmp_path / "out", tmp_path / "log")
    assert arguments[arguments.index("--keep") + 1] == "2,0.5"
    assert "--methods" in arguments
    setup.close_setup()


def test_numbers_are_read_as_the_command_line_reads_them() -> None:
    assert parse_keeps(" 4, 0.8 ,1") == (4, 0.8, 1)
    assert isinstance(parse_keeps("1")[0], int)
    assert parse_alphas("0, .5") == (0.0, 0.5)
    for wrong in ("1.5", "-1", "nan"):
        with pytest.raises(ConfigError):
            parse_keeps(wrong)
    with pytest.raises(ConfigError):
        parse_alphas("nan")


def test_the_front_leaves_out_what_another_one_beats_in_both() -> None:
    points = [(50.0, 20.0), (40.0, 25.0), (60.0, 30.0), (50.0, 20.0), (30.0, 10.0)]
    assert sorted(pareto_front(points), key=lambda place: points[place]) == [4, 0, 3, 2]


def test_captions_are_filtered() -> None:
    first = JudgedCaption("b", "a dog and a car", (Invented(2, 5, "dog", "dog"), Invented(12, 15, "car", "car")))
    second, third = JudgedCaption("a", "a man", (), found=("man",)), JudgedCaption("c", "a hat", (Invented(2, 5, "hat", "hat"),))
    items = [third, second, first]
    assert arranged(items, "invented") == [first, third, second]
    assert arranged(items, "only") == [third, first]
    assert arranged(items, "right") == [second]
    assert arranged(items, "all") == [second, first, third]
    assert judgement(first) == "Nobody mentions: dog, car."
    assert "People mention too: man." in judgement(second)
    assert [word.text for word in words_of("a dog, and a dog")] == ["a", "dog,", "and", "a", "dog"]


def test_the_time_is_estimated_from_an_earlier_measurement(tmp_path: Path) -> None:
    folder = finished(tmp_path, name="old")
    assert pace_of(folder) is None, "when it began isn't known"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"]) as process:
        (folder.path / "process.json").write_text(process_record(psutil.Process(process.pid)))
        ended = psutil.Process(process.pid).create_time() + 60
        process.kill()
    os.utime(folder.report, (ended, ended))
    wanted = MeasurementSettings(str(tmp_path))
    assert estimate(wanted, 10, [folder]) == (pytest.approx(600, rel=0.01), "old")
    grid = MeasurementSettings(str(tmp_path), spin="grid", keeps=(2,), alphas=(0.0,))
    assert estimate(grid, 10, [folder]) is None, "a sweep says nothing of other settings"
    (folder.path / "resumed").touch()
    assert estimate(wanted, 10, [folder]) is None


def test_a_damaged_report_is_reported(qtbot: QtBot, window: MainWindow) -> None:
    folder = finished(paths.measurements_folder(), name="damaged")
    folder.report.write_text('{"rows": [')
    tab = window.measure.tab
    tab.show_job(folder.path)
    assert tab.measurement is not None
    assert "can't be read" in tab.measurement.error()
    assert not tab.measurement.results.isVisible()


@pytest.mark.parametrize(
    ("chance", "labels"), [(1.5, ["people, chance"]), (1.9, ["people, chance"]), (50.0, ["people", "chance"])]
)
def test_lines_that_lie_together_share_a_name(qtbot: QtBot, tmp_path: Path, chance: float, labels: list[str]) -> None:
    folder = finished(tmp_path, name="one")
    report = json.loads(folder.report.read_text())
    report["chance"] = {**report["chance"], "chair_i": chance}
    folder.report.write_text(json.dumps(report))
    _, results = shown_results(qtbot, folder)
    for plot in (results.bars.plot, results.scatter.plot):
        found = [item for item in plot.items() if isinstance(item, pg.InfiniteLine)]
        lines = sorted(found, key=lambda line: (line.value(), not hasattr(line, "label")))
        assert [line.value() for line in lines] == [1.5, chance]
        assert [line.label.format for line in lines if hasattr(line, "label")] == labels
