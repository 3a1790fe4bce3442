"""The process of a run, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from spinvlm_desktop.jobs import job_process
from spinvlm_desktop.jobs.job_process import JobProcess, process_record
from spinvlm_desktop.startup.main_window import MainWindow
from spinvlm_desktop.train.run.training_job import TrainingJob
from tests.spinvlm_desktop.train.runs import TIMEOUT, begun_run, runs_folder
from training.run.events import EventLog
from training.run.run_folder import RunFolder


def test_a_finished_run_lets_the_window_close_while_its_process_ends(window: MainWindow, own_home: Path) -> None:
    folder = begun_run(runs_folder(own_home), "first")
    files = RunFolder(folder)
    with files.lock():
        assert window.training.running() == folder
        files.card.write_text("# Model card: first", encoding="utf-8")
        EventLog(files.events).write("run_finished", best_dev_loss=2.5, model=str(files.best_model))
        assert window.training.running() is None
        assert window.close(), "nothing is asked"


STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(99)"
child = subprocess.Popen([sys.executable, "-c", deaf])
print(child.pid, flush=True)
time.sleep(99)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process can't ignore being terminated there")
def test_a_process_that_does_not_end_is_killed_with_what_it_started(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_process, "PATIENCE_MS", 500)
    folder = begun_run(tmp_path, "run")
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        (folder / "process.json").write_text(process_record(psutil.Process(process.pid)))
        run = TrainingJob(folder)
        assert run.is_alive()
        run.end()
        qtbot.wait(100)
        assert run.is_alive(), "it has some time to write a checkpoint"
        qtbot.waitUntil(lambda: not run.is_alive(), timeout=TIMEOUT)
        qtbot.waitUntil(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, timeout=TIMEOUT)
        process.wait(10)
    assert TrainingJob(folder).state() == "stopped", "the user ended it, so the next start doesn't ask about it"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the time of creation is kept as it was")
def test_a_clock_that_is_put_right_does_not_hide_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "process.json").write_text(process_record(psutil.Process()))
    booted = psutil.boot_time()
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: booted + 3600)  # as the system derives it from the clock
    assert psutil.boot_time() == booted + 3600
    assert JobProcess(tmp_path).running() is not None
