"""What tests of the tab that trains share: a short run's settings, and runs as their files tell them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.setup.setup_view import SetupView
from training.run.events import EventLog
from training.run.run_folder import RunFolder
from training.run.training_config import StageConfig, TrainingConfig, preset

TIMEOUT = 150_000


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=TIMEOUT)


def choose_a_tiny_model(setup: SetupView) -> None:
    """One that is trained in seconds."""
    setup.model.start.choose("bundled")
    setup.model.size_choice.setCurrentIndex(0)
    setup.stages.set_passes(2, 1)
    for path, value in (
        ("captions_per_photo", 1), ("derived_per_photo", 1), ("vocabulary_size", 300),
        ("warm_up.batch_photos", 8), ("fine_tune.batch_photos", 8),
    ):
        setup.stages.advanced.field(path).setText(str(value))


def short_run(data: Path) -> TrainingConfig:
    """A run of a few seconds, most of which its process takes to start."""
    stage = StageConfig(epochs=2, batch_photos=4, patience=0)
    return TrainingConfig(
        data=str(data), encoder="random", encoder_name="test_vit", image_size=32, vocabulary_size=300, width=32, layers=1,
        heads=4, threads=1, captions_per_photo=1, derived_per_photo=1, dev_photos=2, precision="float32", device="cpu",
        warm_up=stage, fine_tune=replace(stage, epochs=1, encoder_rate=1e-4),
    )


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
