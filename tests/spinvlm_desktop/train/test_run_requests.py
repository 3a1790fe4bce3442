"""A request reaches the start of a run that it was meant for, however early it comes, and no other start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.spinvlm_desktop.train.runs import short_run, wait_for
from tests.training.conftest import make_dataset
from tests.training.run_history import read_events
from training.run.training_config import TrainingConfig


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    return short_run(make_dataset(tmp_path_factory.mktemp("data") / "scenes", photos=12))


def test_a_run_that_is_paused_while_it_starts_is_paused(qtbot: QtBot, tmp_path: Path, config: TrainingConfig) -> None:
    run = TrainingJob(tmp_path / "run")
    run.prepare(config)
    run.start()
    run.requests.ask("stop")  # long before torch is loaded
    wait_for(qtbot, lambda: not run.is_alive())
    assert run.state() == "paused"

    run.start()
    wait_for(qtbot, lambda: not run.is_alive())
    assert run.state() == "finished", "the request was the earlier start's"


def test_a_stage_that_is_to_be_finished_while_the_run_starts_is_finished(
    qtbot: QtBot, tmp_path: Path, config: TrainingConfig
) -> None:
    run = TrainingJob(tmp_path / "run")
    run.prepare(replace(config, warm_up=replace(config.warm_up, epochs=5)))
    run.start()
    run.requests.ask("finish_stage")
    wait_for(qtbot, lambda: not run.is_alive())
    ends = [event["reason"] for event in read_events(tmp_path / "run" / "events.jsonl") if event["event"] == "stage_finished"]
    assert ends == ["asked", "done"]
