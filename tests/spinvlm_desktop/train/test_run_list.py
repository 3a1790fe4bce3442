"""Several runs: their list, their queue, renamed, compared and deleted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.train.curves.loss_compare import LossCompare
from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.spinvlm_desktop.train.runs import begun_run, finished_run, runs_folder, wait_for
from training.run.events import EventLog
from training.run.run_folder import RunFolder
from training.run.training_config import preset


def test_a_run_goes_on_in_its_turn_and_can_leave_the_queue(window: MainWindow, own_home: Path) -> None:
    tab, runs = window.training, runs_folder(own_home)
    first, second = begun_run(runs, "first"), begun_run(runs, "second")
    with RunFolder(first).lock():
        tab.show_job(second)
        run = tab.run
        assert run is not None
        run.buttons.resume.click()
        assert TrainingJob(second).state() == "waiting", "only one run trains at a time"
        assert run.state == "waiting"
        run.buttons.withdraw.click()
        assert run.state == "interrupted"
    never = TrainingJob(runs / "third")
    never.prepare(preset("quick", data="nowhere"))
    never.enqueue()
    never.withdraw()
    assert TrainingJob(runs / "third").state() == "new"


def test_a_waiting_run_begins_when_none_is_trained(
    open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path, captioned: Path
) -> None:
    window = open_window()
    waiting = TrainingJob(runs_folder(own_home) / "later")
    waiting.prepare(preset("quick", data=str(captioned)))
    waiting.enqueue()
    window.training.refresh()
    assert TrainingJob(waiting.path).state() == "waiting"
    wait_for(qtbot, lambda: TrainingJob(waiting.path).state() == "running")
    assert not waiting.queued.exists()
    waiting.end(wait=True)
    assert not waiting.is_alive()
    window.close()


def test_the_list_shows_what_becomes_of_runs_that_are_not_looked_at(window: MainWindow, own_home: Path) -> None:
    tab, folder = window.training, begun_run(runs_folder(own_home), "first")
    reported: list[str] = []
    tab.run_changed.connect(reported.append)
    tab.show_setup()
    with RunFolder(folder).lock():
        tab.queue.take_turn()
        assert tab.list.lines() == ["first\ntraining, 3 %"], "two steps of its many passes"
    EventLog(folder / "events.jsonl").write("run_stopped", stage="warm_up", step=2)
    tab.queue.take_turn()
    assert tab.list.lines() == ["first\npaused"]
    assert reported == ["The training of “first”: paused."]
    begun_run(runs_folder(own_home), "from a terminal")
    tab.queue.take_turn()
    assert tab.list.count() == 2


def test_runs_are_renamed_and_compared(
    open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = runs_folder(own_home)
    first, second = finished_run(runs, "first", [3.0, 2.5]), finished_run(runs, "second", [3.0, 2.25])
    store = SettingsStore(paths.config_folder() / "settings.json")
    store.save(replace(store.load()[0], model=str(second / "best.safetensors")))
    window = open_window()
    reported: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: reported.append(arguments[2]))
    tab = window.training
    tab.rename(second, "first")
    tab.rename(second, "a/b")
    assert "already" in reported[0]
    assert "A name has" in reported[1]
    tab.rename(second, "better")
    assert not second.exists()
    assert window.settings.model == str(runs / "better" / "best.safetensors")
    tab.list.selectAll()
    tab.compare_chosen()
    page = tab.page()
    assert isinstance(page, LossCompare)
    assert page.in_words().index("better 2.250") < page.in_words().index("first 2.500")
    tab.show_job(first)
    assert tab.run is not None
    window.close()


def test_deleted_runs_are_in_the_bin(
    window: MainWindow, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data home"))
    (tmp_path / "data home").mkdir()
    reported: list[str] = []
    monkeypatch.setattr(QMessageBox, "information", lambda *arguments: reported.append(arguments[2]))
    runs = runs_folder(own_home)
    first, second, third = (begun_run(runs, name) for name in ("first", "second", "third"))
    tab = window.training
    tab.show_job(first)
    with RunFolder(third).lock():
        for folder in (first, second, third):
            tab.delete(folder)
    assert [path.name for path in runs.iterdir()] == ["third"], "one that trains stays"
    assert "“third”" in reported[0]
    assert tab.run is None, "its page is left"
    if sys.platform.startswith("linux"):
        kept = tmp_path / "data home" / "Trash" / "files"
        assert {path.name for path in kept.iterdir()} == {"first", "second"}
        assert (kept / "first" / "checkpoint.pt").is_file()
