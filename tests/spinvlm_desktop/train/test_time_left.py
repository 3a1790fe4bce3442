"""How long a run still takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.train.run.run_header import RunHeader
from spinvlm_desktop.train.run.run_progress import RunProgress
from spinvlm_desktop.train.run.run_time import FINE_TUNE_RATIO, REPORT_PASSES, Remaining, RunClock
from training.run.pace import Pace, keep_pace, kept_pace
from training.run.training_config import preset


def test_the_time_left_of_the_run_is_reported_with_that_of_the_stage(qtbot: QtBot) -> None:
    progress, header = RunProgress(), RunHeader("run")
    qtbot.addWidget(header)
    progress.take({"event": "run_started", "config": {}, "photos": 20, "pairs": 80})
    progress.take({"event": "preparing", "what": "reading photos", "done": 5, "total": 20})
    header.show_progress(progress, "running", Remaining(600, None))
    assert header.line.endswith("10 min left of this step")
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 3, "steps": 30})
    header.show_progress(progress, "running", Remaining(600, 5400))
    assert header.line.endswith("· 1 h 30 min left, 10 min of it in this stage")
    header.show_progress(progress, "running", Remaining(20, 25))
    assert header.line.endswith("· less than a minute left")
    header.show_progress(progress, "paused", None)
    assert "left" not in header.line


def test_the_time_left_of_the_run_is_both_stages_and_the_report(tmp_path: Path) -> None:
    """100 photos; 0.1 s each in the warm-up's 4 passes, 0.3 s in the 2 of stage 2."""
    config = preset("quick", data=str(tmp_path))
    keep_pace(tmp_path, Pace(config, look=0.02, warm_up=0.2, fine_tune=0.6, memory_bytes=1))
    measured, usual, progress = RunClock(kept_pace(tmp_path)), RunClock(), RunProgress()
    stages = {"warm_up": {"epochs": 4}, "fine_tune": {"epochs": 2}}
    progress.take({"event": "run_started", "config": {**stages, "dev_photos": 50, "report_photos": 200}, "photos": 100,
                   "pairs": 400, "dev_photos": 10})
    report = 0.1 * REPORT_PASSES * 10  # the dev split has no more than 10 photos
    for done in (10, 20):
        progress.take({"event": "preparing", "what": "reading photos", "done": done, "total": 100})
        before, unknown = measured.remaining(done / 10, progress), usual.remaining(done / 10, progress)
    assert before.whole == pytest.approx(before.part + 2 * (40 + 60 + report)), "as fast as it was measured"
    assert unknown.part == pytest.approx(8)
    assert unknown.whole is None
    progress.take({"event": "stage_started", "stage": "warm_up", "epochs": 4, "steps": 40})
    for step in (0, 10, 20):
        take_step(progress, "warm_up", step)
        warm, guessed = measured.remaining(100 + step, progress), usual.remaining(100 + step, progress)
    assert warm.part == guessed.part == pytest.approx(20)
    assert warm.whole == pytest.approx(20 + 60 + report)
    assert guessed.whole == pytest.approx(20 + 20 * FINE_TUNE_RATIO + report)
    progress.take({"event": "stage_started", "stage": "fine_tune", "epochs": 2, "steps": 20})
    assert measured.remaining(200, progress).whole == pytest.approx(60 + report), "reported at once, not when a step is done"
    for step in (0, 5, 10):
        take_step(progress, "fine_tune", step)
        tuned, guessed = measured.remaining(200 + 3 * step, progress), usual.remaining(200 + 3 * step, progress)
    assert tuned.whole == pytest.approx(30 + report)
    assert guessed.part == pytest.approx(30), "its own pace, however it was guessed"
    progress.take({"event": "stage_finished", "stage": "fine_tune", "step": 20, "reason": "done", "time": 1000.0})
    progress.take({"event": "preparing", "what": "looking at dev photos", "done": 5, "total": 10, "time": 1001.0})
    assert measured.remaining(300, progress).whole == pytest.approx(report - 1)


def take_step(progress: RunProgress, stage: str, step: int) -> None:
    progress.take({"event": "step", "stage": stage, "step": step, "steps": progress.total, "epoch": 0, "loss": 2.0,
                   "samples_per_second": 10})


def test_a_damaged_pace_is_passed_over(tmp_path: Path) -> None:
    assert kept_pace(tmp_path) is None
    (tmp_path / "pace.json").write_text('{"config": {}, "look": "?"}')
    assert kept_pace(tmp_path) is None
