"""A request reaches the start of a run that it was meant for, however early it comes, and no other start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.training.conftest import make_dataset
from tests.training.run_history import read_events
from training.run.training_config import StageConfig, TrainingConfig

WAIT = 120_000


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    """A run of some seconds."""
    data = make_dataset(tmp_path_factory.mktemp("data") / "scenes", photos=12)
    stage = StageConfig(epochs=2, batch_photos=4, patience=0)
    return TrainingConfig(
        data=str(data), encoder="random", vocabulary_size=300, width=32, layers=1, heads=4, threads=1, captions_per_photo=1,
        derived_per_photo=1, dev_photos=2, precision="float32", device="cpu", warm_up=stage,
        fine_tune=replace(stage, epochs=1, encoder_rate=1e-4),
    )


def test_a_run_that_is_paused_while_it_starts_is_paused(qtbot: QtBot, tmp_path: Path, config: TrainingConfig) -> None:
    run = TrainingJob(tmp_path / "run")
    run.prepare(config)
    run.start()
    run.requests.ask("stop")  # long before torch is loaded
    qtbot.waitUntil(lambda: not run.is_alive(), timeout=WAIT)
    assert run.state() == "paused"

    run.start()
    qtbot.waitUntil(lambda: not run.is_alive(), timeout=WAIT)
    assert run.state() == "finished", "the request was the earlier start's"


def test_a_stage_that_is_to_be_finished_while_the_run_starts_is_finished(
    qtbot: QtBot, tmp_path: Path, config: TrainingConfig
) -> None:
    run = TrainingJob(tmp_path / "run")
    run.prepare(replace(config, warm_up=replace(config.warm_up, epochs=5)))
    run.start()
    run.requests.ask("finish_stage")
    qtbot.waitUntil(lambda: not run.is_alive(), timeout=WAIT)
    ends = [event["reason"] for event in read_events(tmp_path / "run" / "events.jsonl") if event["event"] == "stage_finished"]
    assert ends == ["asked", "done"]
