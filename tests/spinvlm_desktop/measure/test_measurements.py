"""Measurements from the form to the results, in processes of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from core.answers import AnswerRequest
from core.config import SpinConfig
from spinvlm_desktop.jobs.job import STATE_WORDS
from spinvlm_desktop.jobs.job_process import process_record
from spinvlm_desktop.measure.measure_job import MeasureJob
from spinvlm_desktop.measure.measurement import MeasurementSettings
from spinvlm_desktop.measure.measurement_view import MeasurementView
from spinvlm_desktop.measure.results.captions.caption_words import words_of
from spinvlm_desktop.measure.results.captions.captions_view import arranged
from spinvlm_desktop.measure.results.report_file import ReportFolder
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.worker.answer_service import AnswerService
from tests.spinvlm_desktop.driving import press_when_asked
from tests.spinvlm_desktop.measure.measuring import (
    TIMEOUT,
    click_bar,
    press_word,
    start,
    wait_for,
)
from training.run.run_folder import RunFolder
from training.run.training_config import preset


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
