"""How far a run is, as its events tell it."""

from __future__ import annotations

import time
from pathlib import Path

from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.run.run_monitor import RunMonitor
from spinvlm_desktop.train.run.run_progress import PHASES, RunProgress
from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.spinvlm_desktop.train.runs import begun_run
from training.run.events import EventLog


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


def test_progress_passes_over_events_it_does_not_know() -> None:
    progress = RunProgress()
    progress.take({"event": "something new", "time": time.time()})
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 3, "steps": 12})
    progress.take(
        {"event": "step", "stage": "warm_up", "step": 4, "steps": 12, "epoch": 1, "loss": 2.5, "samples_per_second": 10}
    )
    assert "pass 2 of 3" in progress.line
    assert (progress.done, progress.total) == (4, 12)


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
