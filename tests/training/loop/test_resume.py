"""Runs of the real trainer, small: killed ones, stopped ones, several processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.errors import DataError, ModelFileError, TrainingError
from core.files.checkpoint import load_model
from tests.training.conftest import make_dataset
from tests.training.run_history import read_events, replay
from tests.training.small_runs import small_config
from training.loop.training_run import run_training
from training.loop.training_state import load_state
from training.run.run_folder import RunFolder
from training.run.run_requests import RunRequests
from training.run.training_config import StageConfig


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn scenes with marked phrases and boxes, so that every option has something to do."""
    return make_dataset(tmp_path_factory.mktemp("data") / "marked", photos=16, marked=True)


def losses(folder: Path) -> dict[tuple[str, int], float]:
    return {(e["stage"], e["step"]): e["loss"] for e in replay(folder / "events.jsonl") if e["event"] == "step"}


@pytest.fixture(scope="module")
def whole_run(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody interrupted."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    assert run_training(small_config(scenes), folder).finished
    return folder


def wait_for_step(folder: Path, stage: str, step: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 100
    while time.monotonic() < deadline:
        if any(e["event"] == "step" and (e["stage"], e["step"]) == (stage, step) for e in read_events(folder / "events.jsonl")):
            return
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.01)
    raise AssertionError(f"step {step} of {stage} never came")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_run_killed_in_each_stage_goes_on_with_the_same_losses(scenes: Path, whole_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    RunFolder(folder).create(small_config(scenes))
    for stage, step in (("warm_up", 2), ("fine_tune", 1)):
        with subprocess.Popen([sys.executable, "-m", "training", "--out", str(folder), "--resume", "--json"],
                              stdout=subprocess.DEVNULL) as process:
            wait_for_step(folder, stage, step, process)
            process.send_signal(signal.SIGKILL)
    result = run_training(None, folder, resume=True)
    assert result.finished
    assert losses(folder) == losses(whole_run)
    assert sum(e["event"] == "resumed" for e in read_events(folder / "events.jsonl")) >= 1
    whole, killed = (load_model(path / "best.safetensors").model.state_dict() for path in (whole_run, folder))
    for name, tensor in whole.items():
        assert torch.equal(tensor, killed[name]), name


def test_a_run_goes_on_from_a_model_and_resumes_without_its_file(scenes: Path, whole_run: Path, tmp_path: Path) -> None:
    start = tmp_path / "start.safetensors"
    shutil.copy(whole_run / "best.safetensors", start)
    config = small_config(scenes, start_from=str(start), layers=3, vocabulary_size=50)
    first: list[dict[str, Any]] = []
    run_training(config, tmp_path / "run", listener=first.append, should_stop=lambda: any(e["event"] == "step" for e in first))
    steps = [e["loss"] for e in first if e["event"] == "step"]
    # The first step draws the same pairs and dropout, so what is lower was learnt before.
    assert steps[0] < losses(whole_run)["warm_up", 1]
    start.unlink()
    assert run_training(None, tmp_path / "run", resume=True).finished
    assert load_model(tmp_path / "run" / "best.safetensors").config == load_model(whole_run / "best.safetensors").config


def test_a_start_from_something_else_than_a_model_is_reported(scenes: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"nothing\.safetensors"):
        run_training(small_config(scenes, start_from=str(tmp_path / "nothing.safetensors")), tmp_path / "run")


def test_a_stopped_run_says_so_and_goes_on(scenes: Path, whole_run: Path, tmp_path: Path) -> None:
    steps: list[int] = []
    result = run_training(
        small_config(scenes), tmp_path / "run", listener=lambda e: steps.append(1) if e["event"] == "step" else None,
        should_stop=lambda: len(steps) >= 4,
    )
    assert not result.finished
    assert [e["event"] for e in read_events(tmp_path / "run" / "events.jsonl")][-1] == "run_stopped"
    assert run_training(None, tmp_path / "run", resume=True).finished
    assert losses(tmp_path / "run") == losses(whole_run)


def test_a_stop_file_stops_the_run(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")

    def ask_to_stop(event: dict[str, Any]) -> None:
        if event["event"] == "step":
            RunRequests(folder.path, "").ask("stop")

    assert not run_training(small_config(scenes), folder.path, listener=ask_to_stop).finished
    assert sum(e["event"] == "step" for e in read_events(folder.events)) == 1


def test_a_finished_run_leaves_both_model_files_with_metrics_and_recipe(whole_run: Path) -> None:
    one, other = (load_model(whole_run / name) for name in ("best.safetensors", "vlm_spin_best_model.pth"))
    for name, tensor in one.model.state_dict().items():
        assert torch.equal(tensor, other.model.state_dict()[name]), name
    assert one.metrics == other.metrics == json.loads((whole_run / "report.json").read_text(encoding="utf-8"))
    assert one.recipe["training"]["seed"] == 0
    assert [line["stage"] for line in one.recipe["history"]] == ["warm_up", "warm_up", "fine_tune"]
    assert not (whole_run / "cache").exists()
    card = (whole_run / "card.md").read_text(encoding="utf-8")
    for part in ("seed 0", "| warm_up | 2 |", "SPIN off, greedy", "majority answer", "test_vit"):
        assert part in card


def test_one_sees_what_the_model_answers_after_each_epoch(whole_run: Path) -> None:
    shown = [event for event in read_events(RunFolder(whole_run).events) if event["event"] == "samples"]
    epochs = [event for event in read_events(RunFolder(whole_run).events) if event["event"] == "epoch"]
    assert len(shown) == len(epochs) > 1
    photos = [[answer["image"] for answer in event["answers"]] for event in shown]
    assert all(names == photos[0] for names in photos), "always the same photos"
    assert len(set(photos[0])) == len(photos[0])
    assert all(Path(name).is_file() for name in photos[0])
    assert all(answer["reference"] for event in shown for answer in event["answers"])
    assert any(answer["answer"] for event in shown for answer in event["answers"]), "so little is learnt that some say nothing"


def test_a_second_run_does_not_overwrite_the_first(scenes: Path, whole_run: Path) -> None:
    with pytest.raises(TrainingError, match="already holds a training run"):
        run_training(small_config(scenes), whole_run)


def test_a_run_that_failed_before_it_trained_can_be_started_again(scenes: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        run_training(small_config(tmp_path / "nowhere"), tmp_path / "run")
    assert not run_training(small_config(scenes), tmp_path / "run", should_stop=lambda: True).finished
    events = [event["event"] for event in read_events(tmp_path / "run" / "events.jsonl")]
    assert "run_failed" not in events


def test_two_processes_do_not_train_one_run(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(small_config(scenes))
    with folder.lock(), pytest.raises(TrainingError, match="another process"):
        run_training(None, folder.path, resume=True)


def test_resuming_nothing_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no training run to resume"):
        run_training(None, tmp_path, resume=True)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_its_files(scenes: Path, tmp_path: Path) -> None:
    hot = StageConfig(epochs=30, batch_photos=4, decoder_rate=1e18, warmup_fraction=0.5)
    with pytest.raises(TrainingError, match=r"loss became .*intact"):
        run_training(small_config(scenes, warm_up=hot), tmp_path / "run")
    folder = RunFolder(tmp_path / "run")
    assert [e["event"] for e in read_events(folder.events)][-1] == "run_failed"
    state = load_state(folder.checkpoint)[1]["model"]
    assert all(torch.isfinite(tensor).all() for tensor in state.values())


def test_a_damaged_checkpoint_is_named(scenes: Path, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.create(small_config(scenes))
    folder.checkpoint.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(TrainingError, match=r"checkpoint .* is damaged"):
        run_training(None, folder.path, resume=True)


STARTED_BY = {
    "with a companion": (2, ["-m", "training"]),
    "by torchrun": (1, ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m", "training"]),
}


def gradients_of(run: Path) -> dict[int, torch.Tensor]:
    """Of the last step, as AdamW keeps them."""
    optimizer = load_state(RunFolder(run).checkpoint)[1]["optimizer"]
    return {index: state["exp_avg"] for index, state in optimizer["state"].items()}


def test_two_processes_take_the_gradient_step_of_one(scenes: Path, tmp_path: Path) -> None:
    # The first stage barely moves the weights: Adam would blow rounding differences up to whole steps.
    still = StageConfig(epochs=1, batch_photos=4, decoder_rate=1e-12)
    config = small_config(
        scenes, dropout=0.0, hide_photo=0.0, hide_question=0.0, augment=False, max_photos=4, warm_up=still,
        fine_tune=StageConfig(epochs=1, batch_photos=4, decoder_rate=1e-12, encoder_rate=1e-12), processes=1,
    )
    assert run_training(config, tmp_path / "alone").finished
    alone = gradients_of(tmp_path / "alone")
    for name, (processes, command) in STARTED_BY.items():
        folder = RunFolder(tmp_path / name)
        folder.create(replace(config, processes=processes))
        done = subprocess.run(
            [sys.executable, *command, "--out", str(folder.path), "--resume", "--json"], capture_output=True, text=True,
            timeout=110, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr[-3000:]
        gradients = gradients_of(folder.path)
        assert gradients.keys() == alone.keys()
        for index, gradient in gradients.items():
            torch.testing.assert_close(
                gradient, alone[index], rtol=1e-3, atol=1e-7, msg=lambda text, name=name: f"{name}: {text}"
            )


def test_boxes_that_are_missing_are_reported(tmp_path: Path) -> None:
    reported: list[str] = []
    plain = make_dataset(tmp_path / "plain", photos=8)
    run_training(
        small_config(plain), tmp_path / "run", should_stop=lambda: True,
        listener=lambda event: reported.append(event["text"]) if event["event"] == "notice" else None,
    )
    assert any(text.startswith("No boxes lie beside the captions") for text in reported)
