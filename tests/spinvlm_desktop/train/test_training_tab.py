"""What a user does in the training tab, with real training in a process of its own."""

from __future__ import annotations

import csv
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtWidgets import QFrame, QMessageBox
from pytestqt.qtbot import QtBot

from core.answers import Answer
from spinvlm_desktop.settings.settings_store import SettingsStore
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.system import paths
from spinvlm_desktop.train.curves.loss_compare import LossCompare
from spinvlm_desktop.train.results.result_view import measured_rows, verdict
from spinvlm_desktop.train.run.run_header import RunHeader
from spinvlm_desktop.train.run.run_monitor import RunMonitor
from spinvlm_desktop.train.run.run_progress import RunProgress
from spinvlm_desktop.train.run.run_time import FINE_TUNE_RATIO, REPORT_PASSES, Remaining, RunClock
from spinvlm_desktop.train.run.training_job import TrainingJob
from spinvlm_desktop.train.setup.setup_view import SetupView
from tests.spinvlm_desktop.driving import press_when_asked
from training.run.events import EventLog
from training.run.pace import Pace, keep_pace, kept_pace
from training.run.training_config import preset

TIMEOUT = 150_000
COLOURS = {"red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200)}


@pytest.fixture
def captioned(tmp_path: Path) -> Path:
    """Drawn balls with two captions each."""
    folder = tmp_path / "balls"
    (folder / "Images").mkdir(parents=True)
    rows = [("image", "caption")]
    for number in range(60):
        colour, left, top = list(COLOURS)[number % 3], number % 20, number // 20
        image = Image.new("RGB", (64, 64), (235, 225, 200))
        ImageDraw.Draw(image).ellipse((10 + left, 12 + top, 40 + left, 44 + top), fill=COLOURS[colour])
        image.save(folder / "Images" / f"{number}.png")
        rows += [(f"{number}.png", f"A {colour} ball lies on the sand ."), (f"{number}.png", f"There is a {colour} ball .")]
    with (folder / "captions.txt").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def open_window(qtbot: QtBot) -> MainWindow:
    store = SettingsStore(paths.config_folder() / "settings.json")
    window = MainWindow(store.load()[0], store)
    window.show()
    return window


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=TIMEOUT)


def choose_a_tiny_model(setup: SetupView) -> None:
    """One that is trained in seconds."""
    setup.model.start.choose("bundled")
    setup.model.size_choice.setCurrentIndex(0)
    setup.stages.set_passes(3, 2)
    for path in ("captions_per_photo", "derived_per_photo"):
        setup.stages.advanced.field(path).setText("1")
    setup.stages.advanced.field("vocabulary_size").setText("300")


@pytest.mark.timeout(420)
def test_from_a_folder_of_captioned_photos_to_a_model_in_the_chat(qtbot: QtBot, own_home: Path, captioned: Path) -> None:
    window = open_window(qtbot)
    tab = window.training
    with qtbot.waitSignal(tab.setup.data.checked, timeout=TIMEOUT):
        tab.setup.set_folder(captioned)
    found = tab.setup.data.findings
    assert found is not None
    assert found.usable
    assert sum(found.images.values()) == 60
    choose_a_tiny_model(tab.setup)
    tab.setup.start_button.click()
    folder = own_home / "data" / "runs" / "My model"
    run = tab.run
    assert run is not None
    assert run.folder == folder
    wait_for(qtbot, lambda: run.state == "running")

    tab.show_setup()
    assert tab.setup.model.name.text() == "My model 2"
    tab.setup.model.name.setText("My model")
    tab.setup.start_button.click()
    assert "There is a run named" in tab.setup.error()
    tab.setup.model.name.setText("Another")
    tab.setup.start_button.click()
    assert TrainingJob(folder.with_name("Another")).state() == "waiting", "one run trains at a time"
    tab.queue.stop()

    tab.show_job(folder)
    run = tab.run
    assert run is not None
    wait_for(qtbot, lambda: (folder / "checkpoint.pt").is_file())
    process = TrainingJob(folder).process.running()
    assert process is not None
    process.kill()
    wait_for(qtbot, lambda: run.state == "interrupted")
    assert "ended without a message" in run.header.failure.text()
    window.close()

    again = open_window(qtbot)
    assert "My model" in again.statusBar().currentMessage()
    again.tabs.setCurrentWidget(again.training)
    run = again.training.run
    assert run is not None
    assert run.folder == folder, "the run that was cut off is shown first"
    again.training.queue.stop()
    wait_for(qtbot, lambda: bool(run.progress.samples))
    assert run.plot.to_csv().count("\n") > 2, "the curve is replayed"
    run.buttons.resume.click()
    wait_for(qtbot, lambda: run.state == "finished")
    assert "looks at the photos" in run.result.sentence() or "doesn't look" in run.result.sentence()
    assert run.result.table.rowCount() >= 3
    run.export(captioned / "given away")
    assert (captioned / "given away.safetensors").read_bytes() == (folder / "best.safetensors").read_bytes()

    run.buttons.measure.click()
    assert again.tabs.currentWidget() is again.measure.tab
    assert again.measure.tab.setup.model.chosen() == [folder / "best.safetensors"]
    assert again.measure.tab.setup.data.folder() == captioned

    photo = captioned / "Images" / "0.png"
    with qtbot.waitSignal(again.service.model_loaded, timeout=TIMEOUT):
        run.buttons.use.click()
    assert again.tabs.currentWidget() is again.tab
    assert again.models.in_use is not None
    assert again.models.in_use.path == folder / "best.safetensors"
    again.open_photos([photo])
    with qtbot.waitSignal(again.service.answered, timeout=TIMEOUT) as answered:
        again.conversation.ask("What color is the ball?")
    assert answered.args is not None
    assert isinstance(answered.args[1], Answer)
    again.models.menu.aboutToShow.emit()
    assert "My model" in [action.text() for action in again.models.menu.actions()]
    again.close()
    assert again.settings.model == str(folder / "best.safetensors")


@pytest.mark.parametrize("early", [True, False])
def test_a_run_is_paused_and_the_window_asks_before_it_closes(
    qtbot: QtBot, own_home: Path, captioned: Path, early: bool
) -> None:
    """early: while the run's process starts, long before it trains."""
    folder = own_home / "data" / "runs" / "long"
    config = preset("quick", data=str(captioned))
    job = TrainingJob(folder)
    job.prepare(config)
    job.start()
    window = open_window(qtbot)

    press_when_asked(window, "Cancel")
    window.close()
    assert window.isVisible()
    events = folder / "events.jsonl"
    wait_for(qtbot, lambda: early or (events.is_file() and "stage_started" in events.read_text()))
    press_when_asked(window, "Pause")
    window.close()
    assert not window.isVisible()
    wait_for(qtbot, lambda: not TrainingJob(folder).is_alive())
    assert TrainingJob(folder).state() == "paused"


def test_a_run_that_fails_shows_why(qtbot: QtBot, own_home: Path, captioned: Path) -> None:
    window = open_window(qtbot)
    for photo in (captioned / "Images").iterdir():
        photo.write_text("no photo")
    window.training.start_run("broken", preset("quick", data=str(captioned)))
    run = window.training.run
    assert run is not None
    wait_for(qtbot, lambda: run.state == "failed")
    assert run.header.failure.isVisibleTo(run)
    assert len(run.header.failure.text()) > 20
    window.close()


def test_a_torn_line_waits_for_its_end_and_a_resumed_run_is_read_again(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    log = EventLog(tmp_path / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=1, steps=9)
    monitor = RunMonitor(tmp_path)
    reported: list[list[str]] = []
    monitor.history_read.connect(lambda events: reported.append(["all", *(event["event"] for event in events)]))
    monitor.events_read.connect(lambda events: reported.append([event["event"] for event in events]))
    monitor.look()
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"event": "step", "stage": "warm_up", "st')
    monitor.look()
    assert reported == [["all", "stage_started"]]
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('ep": 5}\n')
    monitor.look()
    assert reported[1:] == [["step"]]
    log.write("resumed", stage="warm_up", step=3)
    monitor.look()
    assert reported[2:] == [["all", "stage_started", "resumed"]]
    monitor.stop()


def test_settings_that_cannot_be_are_named_beside_their_fields(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    assert not setup.start_button.isEnabled()
    assert "Choose a folder" in setup.why.text()
    setup.data.field.setText(str(captioned))
    for name in ("", "a/b", ".hidden", "x" * 81):
        setup.model.name.setText(name)
        assert "A name has" in setup.error()
        assert not setup.start_button.isEnabled()
    setup.model.name.setText("Bälle 2")
    with qtbot.waitSignal(setup.run_wanted) as wanted:
        setup.start_button.click()
    assert wanted.args is not None
    assert wanted.args[0] == "Bälle 2"
    json.dumps(wanted.args[1].to_dict())
    setup.close_setup()


def test_the_time_left_of_the_run_is_reported_with_that_of_the_stage(qtbot: QtBot) -> None:
    progress, header = RunProgress(), RunHeader("run")
    qtbot.addWidget(header)
    progress.take({"event": "run_started", "config": {}, "photos": 20, "pairs": 80})
    progress.take({"event": "preparing", "what": "reading photos", "done": 5, "total": 20})
    header.show_progress(progress, "running", Remaining(600, None))
    assert header.line.endswith("10 min left of this step")
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 3, "steps": 30})
    header.show_progress(progress, "running", Remaining(600, 5400))
    assert header.line.endswith("· 1 h 30 min left, 10 min of it in this stage")
    header.show_progress(progress, "running", Remaining(20, 25))
    assert header.line.endswith("· less than a minute left")
    header.show_progress(progress, "paused", None)
    assert "left" not in header.line


def test_the_time_left_of_the_run_is_both_stages_and_the_report(tmp_path: Path) -> None:
    """100 photos; 0.1 s each in the warm-up's 4 passes, 0.3 s in the 2 of stage 2."""
    config = preset("quick", data=str(tmp_path))
    keep_pace(tmp_path, Pace(config, look=0.02, warm_up=0.2, fine_tune=0.6, memory_bytes=1))
    measured, usual, progress = RunClock(kept_pace(tmp_path)), RunClock(), RunProgress()
    stages = {"warm_up": {"epochs": 4}, "fine_tune": {"epochs": 2}}
    progress.take({"event": "run_started", "config": {**stages, "dev_photos": 50, "report_photos": 200}, "photos": 100,
                   "pairs": 400, "dev_photos": 10})
    report = 0.1 * REPORT_PASSES * 10  # the dev split has no more than 10 photos
    for done in (10, 20):
        progress.take({"event": "preparing", "what": "reading photos", "done": done, "total": 100})
        before, unknown = measured.remaining(done / 10, progress), usual.remaining(done / 10, progress)
    assert before.whole == pytest.approx(before.part + 2 * (40 + 60 + report)), "as fast as it was measured"
    assert unknown.part == pytest.approx(8)
    assert unknown.whole is None
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 4, "steps": 40})
    for step in (0, 10, 20):
        take_step(progress, "warm_up", step)
        warm, guessed = measured.remaining(100 + step, progress), usual.remaining(100 + step, progress)
    assert warm.part == guessed.part == pytest.approx(20)
    assert warm.whole == pytest.approx(20 + 60 + report)
    assert guessed.whole == pytest.approx(20 + 20 * FINE_TUNE_RATIO + report)
    progress.take({"event": "stage_started", "stage": "fine_tune", "epochs": 2, "steps": 20})
    assert measured.remaining(200, progress).whole == pytest.approx(60 + report), "reported at once, not when a step is done"
    for step in (0, 5, 10):
        take_step(progress, "fine_tune", step)
        tuned, guessed = measured.remaining(200 + 3 * step, progress), usual.remaining(200 + 3 * step, progress)
    assert tuned.whole == pytest.approx(30 + report)
    assert guessed.part == pytest.approx(30), "its own pace, however it was guessed"
    progress.take({"event": "stage_finished", "stage": "fine_tune", "step": 20, "reason": "done", "time": 1000.0})
    progress.take({"event": "preparing", "what": "looking at dev photos", "done": 5, "total": 10, "time": 1001.0})
    assert measured.remaining(300, progress).whole == pytest.approx(report - 1)


def take_step(progress: RunProgress, stage: str, step: int) -> None:
    progress.take({"event": "step", "stage": stage, "step": step, "steps": progress.total, "epoch": 0, "loss": 2.0,
                   "samples_per_second": 10})


def test_a_damaged_pace_is_passed_over(tmp_path: Path) -> None:
    assert kept_pace(tmp_path) is None
    (tmp_path / "pace.json").write_text('{"config": {}, "look": "?"}')
    assert kept_pace(tmp_path) is None


def test_progress_passes_over_events_it_does_not_know() -> None:
    progress = RunProgress()
    progress.take({"event": "something new", "time": time.time()})
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 3, "steps": 12})
    progress.take(
        {"event": "step", "stage": "warm_up", "step": 4, "steps": 12, "epoch": 1, "loss": 2.5, "samples_per_second": 10}
    )
    assert "pass 2 of 3" in progress.line
    assert (progress.done, progress.total) == (4, 12)


def test_a_waiting_run_begins_when_none_is_trained(qtbot: QtBot, own_home: Path, captioned: Path) -> None:
    window = open_window(qtbot)
    waiting = TrainingJob(own_home / "data" / "runs" / "later")
    waiting.prepare(preset("quick", data=str(captioned)))
    waiting.enqueue()
    window.training.refresh()
    assert TrainingJob(waiting.path).state() == "waiting"
    wait_for(qtbot, lambda: TrainingJob(waiting.path).state() == "running")
    assert not waiting.queued.exists()
    waiting.end(wait=True)
    assert not waiting.is_alive()
    window.close()


def finished_run(runs: Path, name: str, losses: list[float]) -> Path:
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "card.md").write_text("# card")
    log = EventLog(folder / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=len(losses), steps=len(losses))
    for number, loss in enumerate(losses):
        log.write("epoch", stage="warm_up", step=number + 1, epoch=number, train_loss=loss, dev_loss=loss, best=True)
    return folder


def test_runs_are_renamed_and_compared(qtbot: QtBot, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = own_home / "data" / "runs"
    first, second = finished_run(runs, "first", [3.0, 2.5]), finished_run(runs, "second", [3.0, 2.25])
    store = SettingsStore(paths.config_folder() / "settings.json")
    store.save(replace(store.load()[0], model=str(second / "best.safetensors")))
    window = open_window(qtbot)
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


def test_advanced_settings_are_checked_as_they_are_typed(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    setup.data.field.setText(str(captioned))
    rate = setup.stages.advanced.field("warm_up.decoder_rate")
    for text, words in (("fast", "must be a number"), ("-1", "must be above 0"), ("", "must be a number")):
        rate.clear()
        qtbot.keyClicks(rate, text)
        rate.textEdited.emit(text)
        assert words in setup.error()
        assert not setup.start_button.isEnabled()
    rate.clear()
    qtbot.keyClicks(rate, "0.001")
    assert setup.start_button.isEnabled()
    setup.model.start.choose("bundled")
    setup.model.size_choice.setCurrentIndex(0)
    config = setup.wanted()
    assert config.warm_up.decoder_rate == 0.001
    assert (config.layers, config.width) == (3, 192)
    setup.model.start_from(tmp_path / "old.safetensors")
    assert setup.wanted().start_from == str(tmp_path / "old.safetensors")
    assert not setup.model.size_choice.isEnabled(), "a model brings its own sizes"
    setup.close_setup()


def test_the_pace_is_measured_and_shown(qtbot: QtBot, captioned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    choose_a_tiny_model(setup)
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(captioned)
    assert setup.data.summary.cards.widget().findChildren(QFrame), "photos with what is learnt from them"
    assert "GB free" in setup.needs.sentence()
    setup.needs.measure.click()
    wait_for(qtbot, lambda: setup.needs.pace is not None or setup.needs.warning() != "")
    assert setup.needs.warning() == ""
    assert "on this computer" in setup.needs.sentence()
    setup.model.size_choice.setCurrentIndex(2)
    assert "on this computer" not in setup.needs.sentence(), "another model is slower"
    setup.close_setup()


def test_a_folder_with_something_wrong_says_what(qtbot: QtBot, captioned: Path, tmp_path: Path) -> None:
    (captioned / "Images" / "3.png").write_text("no photo")
    (captioned / "Images" / "4.png").unlink()
    setup = SetupView(tmp_path)
    qtbot.addWidget(setup)
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(captioned)
    problems = " ".join(setup.data.summary.problems())
    assert "Missing images: 1" in problems
    assert "Broken images: 1" in problems
    assert setup.data.summary.place_of("3.png (isn't an image)") == captioned / "Images"
    with qtbot.waitSignal(setup.data.checked, timeout=TIMEOUT):
        setup.set_folder(tmp_path)
    assert setup.data.sentence()
    assert setup.data.findings is None
    setup.close_setup()


def test_a_run_whose_folder_is_deleted_says_so_and_what_was_shown_stays(qtbot: QtBot, own_home: Path) -> None:
    folder = finished_run(own_home / "data" / "runs", "gone", [3.0, 2.0])
    window = open_window(qtbot)
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
