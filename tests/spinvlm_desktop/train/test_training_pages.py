"""The pages of the training tab, and what runs look like whose processes did this and that."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QMessageBox, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioned_data.pair_cards import PairCards
from spinvlm_desktop.jobs import job_process
from spinvlm_desktop.jobs.job_process import JobProcess, process_record
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.train.curves.loss_plot import LossPlot
from spinvlm_desktop.train.run.run_progress import PHASES, RunProgress, Sample
from spinvlm_desktop.train.run.run_view import RunView
from spinvlm_desktop.train.run.sample_view import SampleView
from spinvlm_desktop.train.run.training_job import TrainingJob
from spinvlm_desktop.train.setup.setup_view import SetupView, few_photos
from tests.spinvlm_desktop.driving import named
from training.data.data_findings import PreviewPhoto
from training.run.events import EventLog
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import preset

WAIT = 20_000


@pytest.fixture
def setup(qtbot: QtBot, tmp_path: Path) -> SetupView:
    view = SetupView(tmp_path / "runs")
    qtbot.addWidget(view)
    view.resize(900, 500)
    view.show()
    return view


@pytest.fixture
def window(qtbot: QtBot, own_home: Path) -> MainWindow:
    store = SettingsStore(paths.config_folder() / "settings.json")
    window = MainWindow(store.load()[0], store)
    qtbot.addWidget(window)
    window.show()
    window.training.queue.stop()
    return window


def begun_run(runs: Path, name: str, *, checkpoint: bool = True) -> Path:
    """A run that trained for two steps and said nothing at its end."""
    folder = runs / name
    RunFolder(folder).create(preset("quick", data="nowhere"))
    log = EventLog(folder / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=3, steps=30)
    for step in (1, 2):
        log.write("step", stage="warm_up", step=step, steps=30, epoch=0, loss=4.0 - step, samples_per_second=9.0, memory_mb=900)
    if checkpoint:
        (folder / "checkpoint.pt").write_bytes(b"weights")
    return folder


def runs_folder(own_home: Path) -> Path:
    return own_home / "data" / "runs"


# -- a new model


def test_the_wheel_scrolls_past_lists_and_numbers(setup: SetupView) -> None:
    for widget in (setup.stages.amount, setup.stages.warm_up, setup.model.start):
        before = widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()
        turn = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(widget, turn)
        assert (widget.currentIndex() if isinstance(widget, QComboBox) else widget.value()) == before


def test_the_wheel_scrolls_the_page_over_its_photos_too(qtbot: QtBot) -> None:
    cards = PairCards()
    qtbot.addWidget(cards)
    cards.resize(400, 300)
    cards.show_photos([PreviewPhoto("none.jpg", ("a dog",), (("Which animal is it?", "a dog"),))] * 6)
    cards.show()
    down, sideways = QPoint(0, -120), QPoint(-120, 0)
    for turned, taken in ((down, False), (sideways, True)):
        event = QWheelEvent(
            QPointF(9, 9), QPointF(9, 9), QPoint(), turned, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )
        QApplication.sendEvent(cards.viewport(), event)
        assert event.isAccepted() == taken
        assert (cards.horizontalScrollBar().value() > 0) == taken


def test_a_dropped_folder_is_looked_over_wherever_it_falls(qtbot: QtBot, setup: SetupView, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(setup.data.checked, timeout=WAIT):
        setup.dropEvent(drop)
    assert setup.data.field.text() == str(tmp_path)
    assert not setup.data.field.acceptDrops(), "it would take an address over as text"
    assert setup.data.sentence(), "there are no captions in it"


def test_a_folder_that_is_not_there_is_reported_and_another_is_forgotten(qtbot: QtBot, setup: SetupView, tmp_path: Path) -> None:
    with qtbot.waitSignal(setup.data.checked):
        setup.set_folder(tmp_path / "nowhere")
    assert "There is no folder" in setup.data.sentence()
    assert not setup.needs.measure.isEnabled()
    dialog = setup.data.show_help()
    for words in ("non-commercial", "Flickr8k_Dataset.zip", "captions.txt", "illinois.edu"):
        assert words in dialog.text.toMarkdown().replace("\n", " ")
    dialog.close()


def test_names_that_are_taken_are_not_offered(setup: SetupView, tmp_path: Path) -> None:
    assert setup.model.name.text() == "My model"
    for number in ("", " 2", " 3"):
        (tmp_path / "runs" / f"My model{number}").mkdir(parents=True)
        setup.offer_name()
    assert setup.model.name.text() == "My model 4"


def test_a_model_that_goes_on_learning_brings_its_sizes_and_words(setup: SetupView) -> None:
    assert not setup.model.size_choice.isVisible()
    setup.model.start.choose("bundled")
    assert setup.model.size_choice.isVisible()
    assert setup.model.words.isVisible()
    assert re.match(r"Standard — 1\d million weights", setup.model.size_choice.currentText())


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


# -- a run's page


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
        with qtbot.waitSignal(view.changed, timeout=WAIT):
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


def test_the_curves_values_are_shown_and_exported(qtbot: QtBot, tmp_path: Path) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    plot.add({"event": "stage_started", "stage": "warm_up", "steps": 100})
    for step in range(1, 41):  # the stage was finished before its time
        plot.add({"event": "step", "stage": "warm_up", "step": step, "loss": 5 - step / 40})
    plot.add({"event": "epoch", "stage": "warm_up", "step": 40, "dev_loss": 3.5})
    plot.add({"event": "step", "stage": "fine_tune", "step": 1, "loss": 3.25})
    plot.refresh()
    assert plot.values_at(41.2) == "Fine-tuning, step 1: train loss 3.250 · nearest dev loss 3.500"
    assert plot.values_at(-5) == "Warm-up, step 1: train loss 4.975 · nearest dev loss 3.500"
    plot.save(tmp_path / "curves.csv")
    plot.save(tmp_path / "curves.png")
    lines = (tmp_path / "curves.csv").read_text().split()
    assert len(lines) == 43
    assert lines[-1] == "warm_up,40,dev,3.5"
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_phases_of_a_run() -> None:
    progress = RunProgress()
    for event, phase in (
        ({"event": "run_started", "photos": 1, "pairs": 1}, "Photos"),
        ({"event": "stage_started", "stage": "warm_up", "epochs": 1, "steps": 2}, "Warm-up"),
        ({"event": "stage_finished", "stage": "warm_up", "step": 2, "reason": "done"}, "Warm-up"),
        ({"event": "stage_started", "stage": "fine_tune", "epochs": 1, "steps": 2}, "Fine-tuning"),
        ({"event": "stage_finished", "stage": "fine_tune", "step": 2, "reason": "done"}, "Measuring"),
    ):
        progress.take(event)
        assert PHASES[progress.phase] == phase
    progress.take({"event": "run_finished"})
    assert progress.phase == len(PHASES)


# -- several runs, and their processes


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


def test_a_finished_run_lets_the_window_close_while_its_process_ends(window: MainWindow, own_home: Path) -> None:
    folder = begun_run(runs_folder(own_home), "first")
    files = RunFolder(folder)
    with files.lock():
        assert window.training.running() == folder
        files.card.write_text("# Model card: first", encoding="utf-8")
        EventLog(files.events).write("run_finished", best_dev_loss=2.5, model=str(files.best_model))
        assert window.training.running() is None
        assert window.close(), "nothing is asked"


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


STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)"
child = subprocess.Popen([sys.executable, "-c", deaf])
print(child.pid, flush=True)
time.sleep(99)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process can't ignore being terminated there")
def test_a_process_that_does_not_end_is_killed_with_what_it_started(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_process, "PATIENCE_MS", 500)
    folder = begun_run(tmp_path, "run")
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        (folder / "process.json").write_text(process_record(psutil.Process(process.pid)))
        run = TrainingJob(folder)
        assert run.is_alive()
        run.end()
        qtbot.wait(100)
        assert run.is_alive(), "it has some time to write a checkpoint"
        qtbot.waitUntil(lambda: not run.is_alive(), timeout=WAIT)
        qtbot.waitUntil(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, timeout=WAIT)
        process.wait(10)
    assert TrainingJob(folder).state() == "stopped", "the user ended it, so the next start doesn't ask about it"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the time of creation is kept as it was")
def test_a_clock_that_is_put_right_does_not_hide_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "process.json").write_text(process_record(psutil.Process()))
    booted = psutil.boot_time()
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: booted + 3600)  # as the system derives it from the clock
    assert psutil.boot_time() == booted + 3600
    assert JobProcess(tmp_path).running() is not None


@pytest.mark.parametrize("last", [1, 2, 3, 7, 23, 480, 12_000])
def test_counts_are_shown_at_whole_numbers(qtbot: QtBot, last: int) -> None:
    plot = LossPlot()
    qtbot.addWidget(plot)
    axis = plot.plot.getAxis("bottom")
    reported = [
        text for spacing, values in axis.tickValues(0.9, last + 0.4, 400) for text in axis.tickStrings(values, 1.0, spacing)
    ]
    assert reported
    assert all(text.replace(",", "").isdigit() for text in reported)
    assert len(reported) == len(set(reported))
    assert plot.plot.getPlotItem().legend is None, "the curves are named above, where nothing is hidden"
    assert "dev" in plot.plot.getPlotItem().titleLabel.text


def test_start_is_off_beside_its_reason(setup: SetupView, qtbot: QtBot, tmp_path: Path) -> None:
    assert not setup.start_button.isEnabled()
    assert "Choose a folder" in setup.why.text()
    with qtbot.waitSignal(setup.data.checked, timeout=WAIT):
        setup.set_folder(tmp_path)
    assert not setup.start_button.isEnabled()
    assert "can't be used" in setup.why.text()


def test_a_folder_that_is_typed_is_taken_without_enter(setup: SetupView, qtbot: QtBot, tmp_path: Path) -> None:
    field = setup.data.field
    qtbot.keyClicks(field, str(tmp_path)[:-3])
    with qtbot.waitSignal(setup.data.checked, timeout=WAIT):
        qtbot.keyClicks(field, str(tmp_path)[-3:])
    assert field.text() == str(tmp_path)
    assert "There is no folder" not in setup.data.sentence(), "what was half typed isn't complained about"
    (tmp_path / "more").mkdir()
    with qtbot.waitSignal(setup.data.checked, timeout=WAIT):
        qtbot.keyClicks(field, "/more/")
    assert field.text() == f"{tmp_path}/more/", "the last stroke stays for whoever goes on typing"


@pytest.mark.parametrize(("photos", "says"), [(12, "memorises"), (60, "your wording"), (999, "thousands"), (1000, "")])
def test_it_is_said_what_to_expect_of_few_photos(photos: int, says: str) -> None:
    sentence = few_photos(photos)
    assert says in sentence
    assert bool(sentence) == bool(says)


def test_a_dev_loss_that_rises_for_several_passes_is_said() -> None:
    def after(*losses: float) -> RunProgress:
        progress = RunProgress()
        progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 9, "steps": 90})
        for epoch, loss in enumerate(losses):
            progress.take({"event": "epoch", "stage": "warm_up", "step": 10, "epoch": epoch, "dev_loss": loss})
        return progress

    assert after(3.0, 2.5, 2.6, 2.7, 2.6, 2.7).advice == "", "it fell in between"
    assert "for 3 passes" in after(3.0, 2.5, 2.6, 2.7, 2.8).advice
    assert "Finish this stage" in after(3.0, 2.5, 2.6, 2.7, 2.8).advice
    begun = after(3.0, 2.5, 2.6, 2.7, 2.8)
    begun.take({"event": "stage_started", "stage": "fine_tune", "epochs": 9, "steps": 90})
    assert begun.advice == "", "another stage begins"


def test_how_far_a_run_is_counts_both_stages(tmp_path: Path) -> None:
    job = TrainingJob(begun_run(tmp_path, "first"))
    log = EventLog(job.files.events)
    parts = [job.part_done()]
    for stage, step in (("warm_up", 30), ("fine_tune", 1), ("fine_tune", 30)):
        log.write("step", stage=stage, step=step, steps=30, epoch=0, loss=1.0, samples_per_second=9.0)
        parts.append(job.part_done())
    assert all(part is not None for part in parts)
    assert parts == sorted(parts, key=lambda part: part or 0.0)
    assert 0 < (parts[0] or 0) < (parts[-1] or 0) < 1, "the report is still to come"
