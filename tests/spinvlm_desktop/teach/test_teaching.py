"""Teaching in the window: begun, followed, taken over only where it is better, and taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest
import torch
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from core.files.checkpoint import load_model
from spinvlm_desktop.models.model_list import find_taught
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.teach import teach_runner
from spinvlm_desktop.teach.teach_dialog import TeachDialog
from spinvlm_desktop.teach.teach_job import TeachJob
from tests.spinvlm_desktop.driving import TIMEOUT, restart
from training.evaluation.metrics.bootstrap import Interval
from training.rehearsal.making import make_rehearsal
from training.rehearsal.rehearsal_file import rehearsal_path, write_rehearsal
from training.teaching.report import Change, Measured, ShownAnswer, TeachReport
from training.teaching.settings import TeachSettings

QUESTION = "What is the man doing?"


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """Right answers about five photos."""
    folder = tmp_path / "lessons"
    (folder / "photos").mkdir(parents=True)
    lines = []
    for number in range(5):
        draw_photo(folder / "photos" / f"{number}.png", shirt=("red", "blue")[number % 2], mirrored=number > 2)
        lines.append(json.dumps({"image": f"{number}.png", "question": QUESTION, "answer": "riding a horse"}))
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def model(tmp_path: Path, tiny_model: Path, lessons: Path) -> Path:
    """A model that can be taught: what it rehearses lies beside it."""
    path = tmp_path / "mine.safetensors"
    shutil.copyfile(tiny_model, path)
    write_rehearsal(rehearsal_path(path), make_rehearsal(
        load_model(path), [lessons], seed=0, device=torch.device("cpu"), progress=lambda _what: lambda _done, _total: None,
        directions=8,
    ))
    return path


def opened(window: MainWindow, qtbot: QtBot, model: Path) -> MainWindow:
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(model)
    return window


def dialog_of(window: MainWindow) -> TeachDialog:
    window.teach.open_teaching()
    assert window.teach.teach_dialog is not None
    return window.teach.teach_dialog


def report(model: Path, photo: Path, *, gain: float) -> TeachReport:
    """On twelve photos; better where the gain is above 5."""
    same, gained = Interval(0, -1, 1, 0.95), Interval(gain, gain - 5, gain + 5, 0.95)
    held_out = Measured(12, 30, 0, Change(40, 40 + gain, gained), None, None)
    old = Measured(128, 700, 128, Change(60, 60, same), Change(40, 40, same), None)
    shown = (
        ShownAnswer(str(photo), QUESTION, "red", "blue", "red", was_right=False, is_right=True, taught=True),
        ShownAnswer(str(photo), QUESTION, "a horse", "a dog", "", was_right=False, is_right=False, taught=False),
    )
    return TeachReport(str(model), "of photos", held_out, held_out, old, 2, 5, 60.0, shown)


def finished_job(model: Path, photo: Path, *, gain: float) -> TeachJob:
    """One that ended while no window was open."""
    job = TeachJob(paths.taught_folder() / "Taught then")
    job.prepare(TeachSettings(str(model), (str(photo.parent),)))
    shutil.copyfile(model, job.files.best_model)
    job.files.report.write_text(report(model, photo, gain=gain).to_json(), encoding="utf-8")
    return job


def action(window: MainWindow, text: str) -> QAction:
    return next(action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions() if text in action.text())


def test_a_folder_is_taught_in_a_process_and_the_model_in_use_stays_where_it_is_not_better(
    open_window: Callable[[], MainWindow], qtbot: QtBot, model: Path, lessons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(open_window(), qtbot, model)
    dialog = dialog_of(window)
    assert not dialog.teach.isEnabled(), "nothing was corrected yet"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(lessons))
    # One short pass is enough for a test.
    monkeypatch.setattr(teach_runner, "TeachSettings", partial(TeachSettings, passes=1, photos_per_pass=4, threads=1))
    with qtbot.waitSignal(window.teach.runner.ended, timeout=120_000):
        dialog.others.click()
        assert dialog.stop.isVisible()
        assert not dialog.others.isVisible()
    job = window.teach.runner.job
    assert job is not None
    assert job.state() == "finished", job.failure()
    found = TeachReport.read(job.files.report)
    assert (found.held_out.photos, found.taught.photos) == (1, 4)
    assert found.outcome in ("too_few", "nothing", "forgot"), "one photo tells nothing"
    assert window.models.file == model
    assert dialog.title.text()
    assert len(dialog.answers.rows()) == 5
    assert dialog.answers.rows()[0][0] == "kept back"
    assert dialog.figures.rowCount() > 0
    assert dialog.use.isVisible() == (found.best_pass > 0)
    assert find_taught(paths.taught_folder()) == []


def test_a_process_that_is_killed_leaves_the_model_in_use_and_can_begin_again(
    open_window: Callable[[], MainWindow], qtbot: QtBot, model: Path, lessons: Path
) -> None:
    window = opened(open_window(), qtbot, model)
    runner = window.teach.runner
    runner.begin([lessons], model)
    job = runner.job
    assert job is not None
    process = job.process.running()
    assert process is not None
    with qtbot.waitSignal(runner.ended, timeout=TIMEOUT):
        psutil.Process(process.pid).kill()
    assert job.state() in ("interrupted", "failed")
    dialog = dialog_of(window)
    assert dialog.problem.isVisible()
    assert window.models.file == model
    runner.begin([lessons], model)
    assert runner.running
    assert not job.path.exists() or runner.job == job, "what was cut off gave way"
    with qtbot.waitSignal(runner.ended, timeout=TIMEOUT):
        runner.stop()
    assert runner.job is not None
    assert runner.job.state() == "stopped"


def test_a_better_model_takes_over_at_the_next_start_and_one_click_goes_back(
    open_window: Callable[[], MainWindow], qtbot: QtBot, model: Path, beach_photo: Path
) -> None:
    window = opened(open_window(), qtbot, model)
    job = finished_job(model, beach_photo, gain=12)
    window = restart(window, open_window)
    with qtbot.waitSignals([window.service.model_loaded] * 2, timeout=TIMEOUT), qtbot.waitSignal(window.teach.notice) as notice:
        window.load_chosen_model()
    assert notice.args is not None
    assert "answers from now on" in notice.args[0]
    assert window.models.file == job.files.best_model
    assert [found.name for found in find_taught(paths.taught_folder())] == ["Taught then"]
    dialog = dialog_of(window)
    assert "Better" in dialog.title.text()
    assert [row[0] for row in dialog.answers.rows()] == ["kept back", "shown to it"]
    assert dialog.answers.rows()[1][3:] == ("✗ blue", "✓ red")
    assert (dialog.use.isVisible(), dialog.back.isVisible()) == (False, True)
    with qtbot.waitSignal(window.models.in_use_changed, timeout=TIMEOUT):
        dialog.back.click()
    assert window.models.file == model
    assert (dialog.use.isVisible(), dialog.back.isVisible()) == (True, False)
    with qtbot.waitSignal(window.models.in_use_changed, timeout=TIMEOUT):
        dialog.use.click()
    assert window.models.file == job.files.best_model
    window = restart(window, open_window)
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_chosen_model()
    assert window.models.file == job.files.best_model, "also at the next start"


def test_one_that_is_not_better_waits_to_be_wanted(
    open_window: Callable[[], MainWindow], qtbot: QtBot, model: Path, beach_photo: Path
) -> None:
    finished_job(model, beach_photo, gain=1)
    window = open_window()
    with qtbot.waitSignal(window.service.model_loaded, timeout=TIMEOUT):
        window.load_model(model)
    window.teach.runner.take_up()
    assert window.models.file == model
    dialog = dialog_of(window)
    assert "stays in use" in dialog.sentence.text()
    assert (dialog.use.isVisible(), dialog.back.isVisible()) == (True, False)


def test_a_pretrained_model_is_not_taught(open_window: Callable[[], MainWindow]) -> None:
    window = open_window()
    window.teach.set_model(Path("/a/folder"), can_be_taught=False)
    dialog = dialog_of(window)
    assert not dialog.others.isEnabled()
    assert "Models menu" in dialog.sentence.text()
    window.teach.set_model(None, can_be_taught=True)
    assert dialog.others.isEnabled()


def test_a_damaged_result_is_said_in_a_sentence(
    open_window: Callable[[], MainWindow], qtbot: QtBot, model: Path, beach_photo: Path
) -> None:
    window = opened(open_window(), qtbot, model)
    job = finished_job(model, beach_photo, gain=12)
    job.files.report.write_text(job.files.report.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    window.teach.runner.take_up()
    dialog = dialog_of(window)
    assert "can't be read" in dialog.problem.text()
    assert dialog.problem.isVisible()
    assert window.models.file == model


def test_the_buttons_and_tables_have_names(open_window: Callable[[], MainWindow]) -> None:
    dialog = dialog_of(open_window())
    for widget in (dialog.title, dialog.sentence, dialog.bar, dialog.figures, dialog.answers):
        assert widget.accessibleName()
    for button in (dialog.teach, dialog.others, dialog.stop, dialog.use, dialog.back, dialog.close_button):
        assert button.toolTip()
        assert not button.autoDefault()


def test_the_menu_counts_corrections(open_window: Callable[[], MainWindow], monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window()
    for count, text in ((0, "&Teach…"), (1, "&Teach (1 correction)…"), (7, "&Teach (7 corrections)…")):
        monkeypatch.setattr(window.teach, "count", lambda count=count: count)
        teach = action(window, "&Teach")
        menu = next(menu for menu in window.menuBar().findChildren(QMenu) if teach in menu.actions())
        menu.aboutToShow.emit()
        assert teach.text() == text


def test_rehearsal_files_are_no_models(own_home: Path, model: Path) -> None:
    from spinvlm_desktop.models.model_list import find_models

    folder = own_home / "models"
    folder.mkdir(parents=True)
    for file in (model, rehearsal_path(model)):
        shutil.copyfile(file, folder / file.name)
    assert [found.path.name for found in find_models(own_home / "runs", folder)] == [model.name]
