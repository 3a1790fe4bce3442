from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.training.run_history import read_events, replay
from training.run.events import EventLog


def test_events_come_back_in_order_and_reach_listeners(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    log = EventLog(tmp_path / "events.jsonl", heard.append)
    for step in range(3):
        log.write("step", step=step)
    assert [event["step"] for event in read_events(tmp_path / "events.jsonl")] == [0, 1, 2]
    assert [event["step"] for event in heard] == [0, 1, 2]


def test_a_torn_last_line_is_passed_over_and_then_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    EventLog(path).write("step", step=0)
    with path.open("a") as file:
        file.write('{"event": "step", "st')
    assert [event["step"] for event in read_events(path)] == [0]
    EventLog(path).write("step", step=1)
    assert [event["step"] for event in read_events(path)] == [0, 1]


def test_a_replay_shows_redone_steps_once(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.write("stage_started", stage="warm_up")
    for step in (1, 2, 3, 4):
        log.write("step", stage="warm_up", step=step, loss=float(step))
    log.write("resumed", stage="warm_up", step=2)
    log.write("stage_started", stage="warm_up")
    for step in (3, 4):
        log.write("step", stage="warm_up", step=step, loss=float(step))
    log.write("resumed", stage="warm_up", step=2)
    for step in (3, 4, 5):
        log.write("step", stage="warm_up", step=step, loss=float(step))
    steps = [event["step"] for event in replay(tmp_path / "events.jsonl") if event["event"] == "step"]
    assert steps == [1, 2, 3, 4, 5]


def test_a_replay_forgets_a_later_stage_that_was_begun_after_the_checkpoint(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    log.write("stage_started", stage="warm_up")
    log.write("step", stage="warm_up", step=1)
    log.write("stage_started", stage="fine_tune")
    log.write("step", stage="fine_tune", step=1)
    log.write("resumed", stage="warm_up", step=1)
    assert [event["stage"] for event in replay(tmp_path / "events.jsonl") if event["event"] == "step"] == ["warm_up"]


def test_no_file_is_no_events(tmp_path: Path) -> None:
    assert list(read_events(tmp_path / "none.jsonl")) == []
