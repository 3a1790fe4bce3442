"""What can go wrong while a run trains, and what becomes of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import DataError, TrainingError
from core.files.checkpoint import load_model
from tests.training.run_history import read_events, replay
from tests.training.small_runs import plain_config
from training.batches.dataset import Batch
from training.loop.answer_loss import AnswerLoss
from training.loop.training_run import run_training
from training.loop.training_state import load_state
from training.run.events import Event
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import StageConfig


def named(folder: Path, name: str) -> list[Event]:
    return [event for event in read_events(folder / "events.jsonl") if event["event"] == name]


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Has the loss run out of memory with more photos than this."""
    whole = AnswerLoss.forward

    def limit(photos: int) -> None:
        def forward(self: AnswerLoss, images: torch.Tensor, batch: Batch, **more: Any) -> torch.Tensor:
            if len(batch.photos) > photos:
                raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: not enough memory: you tried ...")
            return whole(self, images, batch, **more)

        monkeypatch.setattr(AnswerLoss, "forward", forward)

    return limit


@pytest.fixture
def unforeseen_error(monkeypatch: pytest.MonkeyPatch) -> str:
    """Each step fails with this message."""
    message = "shapes don't fit"

    def forward(*_: Any, **__: Any) -> torch.Tensor:
        raise RuntimeError(message)

    monkeypatch.setattr(AnswerLoss, "forward", forward)
    return message


def test_where_memory_runs_out_fewer_photos_are_computed_at_a_time_with_the_same_result(
    scenes: Path, tmp_path: Path, little_memory: Callable[[int], None]
) -> None:
    config = plain_config(scenes)
    assert run_training(config, tmp_path / "whole").finished
    little_memory(1)
    assert run_training(config, tmp_path / "halved").finished
    reported = [event["text"] for event in named(tmp_path / "halved", "notice") if "Memory ran out" in event["text"]]
    assert [text.partition("from here on ")[2][0] for text in reported] == ["2", "1"]
    assert load_state(tmp_path / "halved" / "checkpoint.pt")[0].photos_at_once == 1
    steps = {
        name: [event["loss"] for event in replay(tmp_path / name / "events.jsonl") if event["event"] == "step"]
        for name in ("whole", "halved")
    }
    assert steps["halved"] == pytest.approx(steps["whole"], rel=1e-3)


def test_a_resumed_run_knows_what_fits(scenes: Path, tmp_path: Path, little_memory: Callable[[int], None]) -> None:
    little_memory(2)
    calls = iter(range(100))
    assert not run_training(plain_config(scenes), tmp_path / "run", should_stop=lambda: next(calls) > 1).finished
    assert run_training(None, tmp_path / "run", resume=True).finished
    assert len([event for event in named(tmp_path / "run", "notice") if "Memory ran out" in event["text"]]) == 1


def test_a_photo_that_does_not_fit_is_reported_and_loses_nothing(
    scenes: Path, tmp_path: Path, little_memory: Callable[[int], None]
) -> None:
    little_memory(0)
    with pytest.raises(TrainingError, match="Memory ran out with 1 photo at a time"):
        run_training(plain_config(scenes), tmp_path / "run")
    assert named(tmp_path / "run", "run_failed")


def test_another_error_is_not_taken_for_too_little_memory(
    scenes: Path, tmp_path: Path, unforeseen_error: str
) -> None:
    with pytest.raises(RuntimeError, match=unforeseen_error):
        run_training(plain_config(scenes), tmp_path / "run")


def test_each_stage_can_be_finished_before_its_time(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    config = plain_config(scenes, warm_up=StageConfig(epochs=500, batch_photos=4, patience=0),
                          fine_tune=StageConfig(epochs=500, encoder_rate=1e-4, batch_photos=4, patience=0))

    def ask(event: Event) -> None:
        if event["event"] == "step" and event["step"] == 1:
            RunRequests(folder.path, "").ask("finish_stage")

    assert run_training(config, folder.path, listener=ask).finished
    assert [(event["stage"], event["step"], event["reason"]) for event in named(folder.path, "stage_finished")] == [
        ("warm_up", 500 * steps_per_epoch(folder.path), "asked"), ("fine_tune", 500 * steps_per_epoch(folder.path), "asked"),
    ]
    assert not (folder.path / "finish_stage").exists()
    assert load_model(folder.best_model).recipe["history"], "a stage without a whole pass has a best model too"
    assert all(event["memory_mb"] > 50 for event in named(folder.path, "step"))


def steps_per_epoch(folder: Path) -> int:
    return int(named(folder, "stage_started")[0]["steps"]) // 500


def test_a_run_whose_folder_is_deleted_ends_with_a_sentence(scenes: Path, tmp_path: Path) -> None:
    def delete(event: Event) -> None:
        if event["event"] == "step":
            shutil.rmtree(tmp_path / "run", ignore_errors=True)

    with pytest.raises(TrainingError, match="run"):
        run_training(plain_config(scenes), tmp_path / "run", listener=delete)


def test_photos_that_go_away_meanwhile_are_missed_only_at_the_end_and_the_run_goes_on_when_they_are_back(
    scenes: Path, tmp_path: Path
) -> None:
    photos, away = tmp_path / "photos", tmp_path / "away"
    shutil.copytree(scenes, photos)

    def unplug(event: Event) -> None:
        if event["event"] == "step" and photos.exists():
            photos.rename(away)

    with pytest.raises((TrainingError, DataError), match="photos"):
        run_training(plain_config(photos), tmp_path / "run", listener=unplug)
    assert len(named(tmp_path / "run", "stage_finished")) == 2
    away.rename(photos)
    assert run_training(None, tmp_path / "run", resume=True).finished
    steps = [(event["stage"], event["step"]) for event in named(tmp_path / "run", "step")]
    assert len(steps) == len(set(steps)), "nothing is trained twice"


def test_events_of_another_version_are_passed_over(tmp_path: Path) -> None:
    lines = [{"event": "of the future", "x": 1}, {"event": "step"}, {"event": "resumed", "stage": "warm_up", "step": 3},
             ["no event"], {"event": "epoch", "stage": "warm_up"}]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + '\n{"event": "torn')
    assert [event["event"] for event in replay(tmp_path / "events.jsonl")] == ["of the future", "step", "resumed", "epoch"]


def test_a_clock_that_is_put_back_changes_nothing(scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = plain_config(scenes)
    run_training(config, tmp_path / "steady")
    times = iter(range(10**9, 0, -3600))
    monkeypatch.setattr("time.time", lambda: float(next(times)))
    assert run_training(config, tmp_path / "jumping").finished
    steady, jumping = (
        [event["loss"] for event in replay(tmp_path / name / "events.jsonl") if event["event"] == "step"]
        for name in ("steady", "jumping")
    )
    assert jumping == steady

def test_a_request_to_stop_is_heard_while_photos_are_read(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")

    def ask(event: Event) -> None:
        if event["event"] == "preparing":
            RunRequests(folder.path, "").ask("stop")

    assert not run_training(plain_config(scenes), folder.path, listener=ask).finished
    assert not named(folder.path, "stage_started")
    assert list(read_events(folder.events))[-1]["event"] == "run_stopped"
    assert run_training(folder.read_config(), folder.path).finished, "without a checkpoint it is begun again"


def test_photos_that_go_away_while_they_are_read_are_missed(scenes: Path, tmp_path: Path) -> None:
    photos, away = tmp_path / "photos", tmp_path / "away"
    shutil.copytree(scenes, photos)

    def unplug(event: Event) -> None:
        if event["event"] == "preparing" and photos.exists():
            photos.rename(away)

    with pytest.raises(DataError, match="no longer there"):
        run_training(plain_config(photos), tmp_path / "run", listener=unplug)
    assert "no longer there" in named(tmp_path / "run", "run_failed")[0]["message"]
    away.rename(photos)
    assert run_training(RunFolder(tmp_path / "run").read_config(), tmp_path / "run").finished


def test_a_second_process_leaves_a_run_alone_that_has_no_checkpoint_yet(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(plain_config(scenes))
    folder.events.write_text('{"event": "preparing"}\n')
    with folder.lock():
        assert folder.locked()
        with pytest.raises(TrainingError, match="another process"):
            run_training(plain_config(scenes), folder.path)
    assert not folder.locked()
    assert folder.events.read_text() == '{"event": "preparing"}\n'


def test_an_error_that_nobody_foresaw_is_among_the_events(
    scenes: Path, tmp_path: Path, unforeseen_error: str
) -> None:
    with pytest.raises(RuntimeError, match=unforeseen_error):
        run_training(plain_config(scenes), tmp_path / "run")
    assert unforeseen_error in named(tmp_path / "run", "run_failed")[0]["message"]


@pytest.mark.parametrize("made_by", [0, 99])
def test_a_checkpoint_of_another_version_is_reported(scenes: Path, tmp_path: Path, made_by: int) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(plain_config(scenes))
    torch.save({"format": made_by, "position": {}}, folder.checkpoint)
    with pytest.raises(TrainingError, match=f"is of format {made_by}, this program resumes format 2"):
        run_training(None, folder.path, resume=True)


def test_settings_of_a_newer_version_are_reported(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(plain_config(scenes))
    content = json.loads(folder.config.read_text())
    folder.config.write_text(json.dumps({**content, "of_the_future": 1}))
    with pytest.raises(TrainingError, match="of_the_future"):
        run_training(None, folder.path, resume=True)


SMALL_MEMORY = """
import resource, sys
from pathlib import Path
import psutil
from tests.training.small_runs import plain_config
from training.run.training_config import StageConfig
from training.loop.training_run import run_training

heard = []

def little(event):
    heard.append(event["event"])
    if event["event"] == "stage_started":
        used = psutil.Process().memory_info().vms
        resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[4]), resource.RLIM_INFINITY))
    elif event["event"] == "step":
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

config = plain_config(Path(sys.argv[1]), vocabulary=sys.argv[3], warm_up=StageConfig(epochs=9, batch_photos=8))
run_training(config, Path(sys.argv[2]), listener=little, should_stop=lambda: heard.count("step") > 1)
"""
"""A run in a process that may take only so many bytes more until its first step is done."""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of the memory that a process may take")
def test_where_memory_really_runs_out_the_run_goes_on(scenes: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.json"
    names = ["<pad>", "<unk>", *(f"word{number}" for number in range(60_000))]
    words.write_text(json.dumps({name: number for number, name in enumerate(names)}))
    done = subprocess.run(
        [sys.executable, "-c", SMALL_MEMORY, str(scenes), str(tmp_path / "run"), str(words), str(150 * 2**20)],
        capture_output=True, text=True, timeout=170, check=False,
        # Arenas of other threads reserve as much address space as the limit leaves, or don't, as it happens.
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    reported = [event["text"] for event in named(tmp_path / "run", "notice")]
    assert any("Memory ran out: from here on" in text for text in reported), reported
    assert named(tmp_path / "run", "step")
    assert load_state(RunFolder(tmp_path / "run").checkpoint)[0].photos_at_once < 8
