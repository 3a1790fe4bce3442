"""What a user does in the training tab, with real training in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.answers import Answer
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.spinvlm_desktop.driving import press_when_asked
from tests.spinvlm_desktop.train.runs import TIMEOUT, choose_a_tiny_model, runs_folder, short_run, wait_for


@pytest.mark.timeout(420)
def test_from_a_folder_of_captioned_photos_to_a_model_in_the_chat(
    open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path, captioned: Path
) -> None:
    window = open_window()
    tab = window.training
    with qtbot.waitSignal(tab.setup.data.checked, timeout=TIMEOUT):
        tab.setup.set_folder(captioned)
    found = tab.setup.data.findings
    assert found is not None
    assert found.usable
    assert sum(found.images.values()) == 24
    choose_a_tiny_model(tab.setup)
    tab.setup.start_button.click()
    folder = runs_folder(own_home) / "My model"
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

    again = open_window()
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
    open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path, captioned: Path, early: bool
) -> None:
    """early: while the run's process starts, long before it trains."""
    folder = runs_folder(own_home) / "long"
    config = short_run(captioned)
    job = TrainingJob(folder)
    job.prepare(replace(config, warm_up=replace(config.warm_up, epochs=1000)))
    job.start()
    window = open_window()

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


def test_a_run_that_fails_shows_why(open_window: Callable[[], MainWindow], qtbot: QtBot, own_home: Path, captioned: Path) -> None:
    window = open_window()
    for photo in (captioned / "Images").iterdir():
        photo.write_text("no photo")
    window.training.start_run("broken", short_run(captioned))
    run = window.training.run
    assert run is not None
    wait_for(qtbot, lambda: run.state == "failed")
    assert run.header.failure.isVisibleTo(run)
    assert "None of the photos can be read" in run.header.failure.text()
    assert not run.progress.samples, "it is said before anything is learnt"
    window.close()
