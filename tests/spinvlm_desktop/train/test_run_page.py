"""The page of a run: its buttons, how it ended, its answers, and what was measured in the end."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.train.results.result_view import measured_rows, verdict
from spinvlm_desktop.train.run.run_progress import Sample
from spinvlm_desktop.train.run.run_view import RunView
from spinvlm_desktop.train.run.sample_view import SampleView
from tests.spinvlm_desktop.driving import named
from tests.spinvlm_desktop.train.runs import TIMEOUT, begun_run, finished_run, runs_folder, wait_for
from training.run.events import EventLog
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests


def test_buttons_of_a_run_never_get_stuck(qtbot: QtBot, tmp_path: Path) -> None:
    folder = begun_run(tmp_path, "run")
    files, log = RunFolder(folder), EventLog(folder / "events.jsonl")
    with files.lock():  # as a process does that was started in a terminal
        view = RunView(folder)
        qtbot.addWidget(view)
        buttons = view.buttons
        assert view.state == "running"
        assert buttons.pause.isEnabled(), "a request is heard however early it comes"
        log.write("step", stage="warm_up", step=3, steps=30, epoch=0, loss=2.0, samples_per_second=9.0)
        with qtbot.waitSignal(view.changed, timeout=TIMEOUT):
            view.look()
        buttons.finish.click()
        requests = RunRequests(folder, "")
        assert requests.is_asked("finish_stage")
        assert (buttons.finish.isEnabled(), buttons.finish.text()) == (False, "Finishing this stage…")
        requests.done("finish_stage")
        log.write("stage_finished", stage="warm_up", step=3, reason="asked")
        log.write("stage_started", stage="fine_tune", epochs=1, steps=9)
        view.look()
        assert buttons.finish.isEnabled(), "the next stage can be finished too"
        buttons.pause.click()
        log.write("step", stage="fine_tune", step=1, steps=9, epoch=0, loss=2.0, samples_per_second=9.0)
        view.look()
        assert (buttons.pause.isEnabled(), buttons.pause.text()) == (False, "Pausing…"), "also after news"
        log.write("run_stopped", stage="fine_tune", step=1)
    view.look()
    assert view.state == "paused"
    assert buttons.resume.isVisibleTo(view)
    assert buttons.resume.text() == "&Resume", "as the sentences around it call it"
    assert not buttons.pause.isVisibleTo(view)
    view.close_view()


def test_a_run_that_ended_without_a_word_shows_its_log(qtbot: QtBot, tmp_path: Path) -> None:
    folder = begun_run(tmp_path, "run")
    (folder / "train.log").write_text("\n".join(f"line {number}" for number in range(100)))
    view = RunView(folder)
    qtbot.addWidget(view)
    assert view.state == "interrupted"
    assert "without a message" in view.header.failure.text()
    log = named(view, QPlainTextEdit, "The log's last lines")
    assert log.toPlainText().splitlines() == [f"line {number}" for number in range(60, 100)]
    EventLog(folder / "events.jsonl").write("run_failed", message="The disk is full.")
    view.look()
    view.look()
    assert view.state == "failed"
    assert view.header.failure.text() == "The disk is full."
    assert log.isVisibleTo(view)
    assert len(log.toPlainText().splitlines()) == 40
    view.close_view()


def test_a_run_that_begins_again_is_shown_from_its_start(qtbot: QtBot, tmp_path: Path) -> None:
    folder = begun_run(tmp_path, "run", checkpoint=False)
    view = RunView(folder)
    qtbot.addWidget(view)
    (folder / "events.jsonl").unlink()
    log = EventLog(folder / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=1, steps=500)
    for step in range(1, 20):  # more bytes than before
        log.write("step", stage="warm_up", step=step, steps=500, epoch=0, loss=1.0, samples_per_second=9.0)
    view.look()
    assert view.plot.to_csv().count(",train,") == 19
    assert (view.progress.done, view.progress.total) == (19, 500)
    view.close_view()


def test_a_run_whose_folder_is_deleted_says_so_and_what_was_shown_stays(
    open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path
) -> None:
    folder = finished_run(runs_folder(own_home), "gone", [3.0, 2.0])
    window = open_window()
    window.training.show_job(folder)
    run = window.training.run
    assert run is not None
    wait_for(qtbot, lambda: run.state == "finished")
    shutil.rmtree(folder)
    wait_for(qtbot, lambda: run.state == "gone")
    assert "its folder is gone" in run.line
    assert run.plot.to_csv().count(",dev,") == 2
    assert not run.buttons.resume.isVisibleTo(run)
    assert not run.buttons.use.isEnabled()
    wait_for(qtbot, lambda: window.training.list.count() == 0)
    window.close()


def test_what_was_answered_earlier_can_be_looked_at(qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)

    def sample(number: int) -> Sample:
        return Sample(f"after step {number} of warm-up", ({"image": "no file", "answer": f"answer {number}", "reference": "r"},))

    view.show_samples([sample(1), sample(2)])
    assert view.answers() == ["answer 2"]
    view.slider.setValue(0)
    assert view.answers() == ["answer 1"]
    view.show_samples([sample(1), sample(2), sample(3)])
    assert view.answers() == ["answer 1"], "it stays where it was moved to"
    view.slider.setValue(2)
    view.show_samples([sample(number) for number in range(1, 5)])
    assert view.answers() == ["answer 4"], "and follows again from the end"


def test_what_was_measured_in_words() -> None:
    metrics = {
        "captions": {
            "SPIN off, greedy": {"cider_d": 30.0, "bleu_4": 12.0, "rouge_l": 40.0},
            "blind: another photo's caption": {"cider_d": 8.0, "bleu_4": 5.0, "rouge_l": 30.0},
            "starter model": {"cider_d": 20.0, "bleu_4": 9.0, "rouge_l": 35.0},
        },
        "answers": {"SPIN off": {"colour": {"exact": 50.0}}, "blind: another photo": {"colour": {"exact": 20.0}}},
    }
    assert "captions are better than the starter model's" in verdict(metrics)
    assert "On the 1,000 photos kept apart" in verdict(metrics | {"photos": 1000})
    few = verdict(metrics | {"photos": 8})
    assert few.startswith("Too few photos to tell")
    assert "8 were kept apart" in few
    assert "at least 100" in few, "how many are needed is said"
    assert "are better" not in few.partition(".")[2], "and nothing is claimed"
    assert ("Captions: CIDEr-D", "30.0", "20.0", "8.0") in measured_rows(metrics)
    assert ("Colours right, %", "50.0", "", "20.0") in measured_rows(metrics)
    counted = {"SPIN off": {"colour": {"exact": 50.0, "count": 1200}}}
    assert ("Colours right, % (1,200 questions)", "50.0", "", "") in measured_rows(metrics | {"answers": counted})
    single = {"SPIN off": {"colour": {"exact": 50.0, "count": 1}}}
    assert ("Colours right, % (1 question)", "50.0", "", "") in measured_rows(metrics | {"answers": single})
    assert verdict({}) == ""
    assert measured_rows({"captions": "damaged"}) == []


def test_no_key_leads_to_two_things(qtbot: QtBot, window: MainWindow, own_home: Path) -> None:
    tab = window.training
    window.tabs.setCurrentWidget(tab)
    folder = begun_run(runs_folder(own_home), "first")
    tab.show_setup()
    assert_keys_differ(window, tab.setup)
    with RunFolder(folder).lock():
        tab.show_job(folder)
        assert tab.run is not None
        assert_keys_differ(window, tab.run)
    tab.run.look()
    assert_keys_differ(window, tab.run)


def assert_keys_differ(window: MainWindow, page: QWidget) -> None:
    texts = [action.text() for action in window.menuBar().actions()]
    texts += [window.tabs.tabText(number) for number in range(window.tabs.count())]
    shown = [widget for kind in (QAbstractButton, QLabel) for widget in page.findChildren(kind) if widget.isVisibleTo(page)]
    texts += [widget.text() for widget in shown if isinstance(widget, QAbstractButton) or widget.buddy() is not None]
    keys = Counter(match.group(1).lower() for text in texts if (match := re.search(r"&(\w)", text)))
    own = {match.group(1).lower() for widget in shown if (match := re.search(r"&(\w)", widget.text()))}
    assert not {key for key, count in keys.items() if count > 1 and key in own}
