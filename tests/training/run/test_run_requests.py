"""A request is heard by the start that it was meant for, and by no other."""

from __future__ import annotations

from pathlib import Path

from training.run.run_requests import RunRequests


def test_a_request_by_name_is_heard_by_that_start_alone(tmp_path: Path) -> None:
    first, second, unnamed = (RunRequests(tmp_path, start) for start in ("first", "second", ""))
    first.ask("stop")
    assert first.is_asked("stop")
    assert not first.is_asked("finish_stage")
    assert not second.is_asked("stop")
    assert not unnamed.is_asked("stop")
    second.done("stop")
    assert first.is_asked("stop"), "only who was asked can have met it"
    first.done("stop")
    assert not first.is_asked("stop")


def test_a_start_drops_what_was_left_over_but_neither_its_own_request_nor_one_that_came_meanwhile(tmp_path: Path) -> None:
    RunRequests(tmp_path, "killed").ask("finish_stage")
    own = RunRequests(tmp_path, "own")
    own.ask("stop")
    left_over = own.left_over()
    assert dict(left_over) == {"finish_stage": "killed"}
    RunRequests(tmp_path, "").ask("finish_stage")
    own.drop(left_over)
    assert own.is_asked("stop")
    assert own.is_asked("finish_stage")
    own.drop(own.left_over())
    assert not own.is_asked("finish_stage"), "what asks whoever trains was left over this time"


def test_requests_in_a_folder_that_is_gone_are_none(tmp_path: Path) -> None:
    requests = RunRequests(tmp_path / "gone", "start")
    assert not requests.is_asked("stop")
    requests.drop(requests.left_over())
    requests.done("stop")
