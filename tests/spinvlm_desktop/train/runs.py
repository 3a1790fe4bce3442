"""What tests of the tab that trains share: a short run's settings, and runs as their files tell them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.setup.setup_view import SetupView
from training.run.events import EventLog
from training.run.run_folder import RunFolder
from training.run.training_config import preset

TIMEOUT = 150_000


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


def runs_folder(own_home: Path) -> Path:
    return own_home / "data" / "runs"


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


def finished_run(runs: Path, name: str, losses: list[float]) -> Path:
    """A run that trained for a pass a loss, and its card."""
    folder = runs / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "card.md").write_text("# card")
    log = EventLog(folder / "events.jsonl")
    log.write("stage_started", stage="warm_up", epochs=len(losses), steps=len(losses))
    for number, loss in enumerate(losses):
        log.write("epoch", stage="warm_up", step=number + 1, epoch=number, train_loss=loss, dev_loss=loss, best=True)
    return folder
