"""How far a measurement is, and how long the rest takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.commands.measure_command import measure
from training.evaluation.sweep import token_cost
from training.evaluation.sweep.work import Step, Work, WorkProgress


class Clock:
    """Goes on when it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_parts_are_weighted_by_cost_and_time_is_estimated_kind_by_kind() -> None:
    reported: list[WorkProgress] = []
    clock = Clock()
    work = Work(
        [Step("looking", "looking", 10), Step("a", "describing", 20), Step("b", "describing", 20), Step("c", "asking", 50)],
        reported.append, clock=clock,
    )
    looking = work.begin("looking")
    clock.now += 5
    looking(5, 10)
    assert (reported[-1].part, reported[-1].seconds_left) == (pytest.approx(0.05), pytest.approx(95)), "all at the one known pace"
    clock.now += 5
    looking(10, 10)
    describing = work.begin("a")
    clock.now += 40
    describing(32, 32)
    assert reported[-1].part == pytest.approx(0.3)
    assert reported[-1].seconds_left is not None
    assert 40 + 50 < reported[-1].seconds_left < 40 + 100, "b is as slow as a, and c lies between what is known"
    clock.now += 40
    work.begin("b")(32, 32)
    clock.now += 1
    work.begin("c")(1, 2)
    assert reported[-1].part == pytest.approx(0.75)
    assert reported[-1].seconds_left == pytest.approx(1)
    assert [progress.part for progress in reported] == sorted(progress.part for progress in reported)


def test_what_was_kept_is_done_and_says_nothing_of_the_pace() -> None:
    reported: list[WorkProgress] = []
    clock = Clock()
    work = Work([Step("a", "describing", 60, kept=1.0), Step("b", "describing", 40, kept=0.5)], reported.append, clock=clock)
    go_on = work.begin("b")
    clock.now += 10
    go_on(75, 100)
    assert reported[-1].part == pytest.approx(0.9)
    assert reported[-1].seconds_left == pytest.approx(10)
    go_on(75, 100)
    clock.now += 10
    go_on(100, 100)
    assert (reported[-1].part, reported[-1].seconds_left) == (1.0, 0.0)


def test_a_measurement_reports_one_progress_for_all_of_its_parts(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_cost, "ROUNDS", 1)
    measure(scenes, tmp_path, model=talker, photos=2, keep="4", methods=True, json_lines=True)
    reported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    parts = [line["part"] for line in reported]
    assert parts == sorted(parts)
    assert 0 < parts[0] < 0.5
    assert parts[-1] == 1
    assert reported[-1]["seconds_left"] == 0
    assert {line["what"].split(":")[0] for line in reported} == {
        "reading the photos", "looking at the photos", "looking at the photos under noise", "yes or no", "describing",
        "asking for the certainty", "timing",
    }
