"""Several processes of one training, started by the one that leads."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from core.errors import ConfigError
from tests.training.conftest import make_dataset
from tests.training.small_runs import plain_config
from training.machine.companions import process_count
from training.run.needs import processes_worth_it, run_needs
from training.run.run_folder import RunFolder
from training.run.training_config import StageConfig, TrainingConfig, preset


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data") / "scenes", photos=16)


def long_run(scenes: Path, path: Path) -> RunFolder:
    """The folder of a run of two processes that goes on for long."""
    folder = RunFolder(path)
    folder.create(plain_config(
        scenes, processes=2, warm_up=StageConfig(epochs=2000, batch_photos=4, patience=0), fine_tune=StageConfig(epochs=0)
    ))
    return folder


@contextmanager
def started(folder: RunFolder, *, until: str) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """The run's process and its companion, once an event of this name has come."""
    command = [sys.executable, "-m", "training", "--out", str(folder.path), "--resume", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            assert any(json.loads(line)["event"] == until for line in process.stdout)
            [companion] = psutil.Process(process.pid).children()
            yield process, companion
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_companion_ends_with_its_leader_however_that_ends(scenes: Path, tmp_path: Path) -> None:
    folder = long_run(scenes, tmp_path / "run")
    with started(folder, until="step") as (process, companion):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(60)
        psutil.wait_procs([companion], timeout=60)
        assert not companion.is_running()
    assert not folder.locked()


WAITING = (
    "import time; from training.machine.companions import end_with_leader; end_with_leader(); print('waits', flush=True); "
    "time.sleep(600)"
)
LEADING = (
    "import os, subprocess, sys; from training.machine.companions import LEADER; "
    "subprocess.run([sys.executable, '-c', sys.argv[1]], env={**os.environ, LEADER: str(os.getpid())})"
)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_companion_that_waits_for_its_leader_notices_that_it_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", LEADING, WAITING], stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == "waits\n"
        [companion] = psutil.Process(leader.pid).children()
        leader.kill()
        leader.wait(60)
        psutil.wait_procs([companion], timeout=60)
        assert not companion.is_running()


def test_asked_to_stop_all_processes_stop_at_a_checkpoint(scenes: Path, tmp_path: Path) -> None:
    folder = long_run(scenes, tmp_path / "run")
    with started(folder, until="step") as (process, companion):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert not companion.is_running()
    assert folder.checkpoint.exists()
    assert json.loads(folder.events.read_text().splitlines()[-1])["event"] == "run_stopped"


def test_a_companion_that_dies_ends_the_run_with_its_checkpoint_intact(scenes: Path, tmp_path: Path) -> None:
    folder = long_run(scenes, tmp_path / "run")
    with started(folder, until="step") as (process, companion):
        companion.kill()
        process.communicate(timeout=60)
        assert process.returncode == 1
    last = json.loads(folder.events.read_text().splitlines()[-1])
    assert last["event"] == "run_failed"
    assert "--resume" in last["message"]


@pytest.mark.skipif(sys.platform != "linux", reason="only tried there")
def test_processes_are_worth_it_where_each_has_enough_photos() -> None:
    config = TrainingConfig(data="x", device="cpu")
    assert [processes_worth_it(config, cores=cores) for cores in (1, 2, 3, 4, 16)] == [1, 2, 3, 4, 4]
    small = StageConfig(epochs=1, batch_photos=12)
    assert processes_worth_it(TrainingConfig(data="x", warm_up=small), cores=8) == 1
    assert process_count(TrainingConfig(data="x", processes=3)) == 3
    with pytest.raises(ConfigError, match="processes must be at most 12"):
        TrainingConfig(data="x", warm_up=small, processes=13)


def test_each_process_needs_its_own_weights() -> None:
    one, two = (run_needs(preset("starter", data="x", processes=number), photos=100) for number in (1, 2))
    assert two.memory_bytes - one.memory_bytes > 4 * 4 * one.parameters
