"""However a child process ends, and also where it never begins, it is reported once."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtWidgets import QProgressBar
from pytestqt.qtbot import QtBot

from spinvlm_desktop.captioned_data.data_check import DataCheck
from spinvlm_desktop.captioned_data.data_page import DataPage
from spinvlm_desktop.jobs import child_process
from spinvlm_desktop.jobs.child_process import ChildProcess
from spinvlm_desktop.train.setup.needs_row import NeedsRow
from tests.spinvlm_desktop.driving import named
from training.run.training_config import preset

WAIT = 30_000
KILLS_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
ABORTS = "import os; os.abort()"
SLEEPS = "import time; print('ready', flush=True); time.sleep(99)"


def listened(process: ChildProcess) -> list[tuple[object, ...]]:
    """What the process reports, as it comes."""
    heard: list[tuple[object, ...]] = []
    process.line_read.connect(lambda line: heard.append(("line", line.strip())))
    process.finished.connect(lambda code: heard.append(("finished", code)))
    process.failed_to_start.connect(lambda sentence: heard.append(("failed_to_start", sentence)))
    process.crashed.connect(lambda sentence: heard.append(("crashed", sentence)))
    return heard


def python(source: str) -> Sequence[str]:
    return [sys.executable, "-c", source]


@pytest.fixture
def process() -> ChildProcess:
    return ChildProcess()


@pytest.mark.parametrize(("source", "code", "last"), [
    ("print('one'); print('two', end='')", 0, ""),
    ("import sys; print('one'); print('first'); sys.stderr.write('why\\nreally\\n'); sys.exit(3)", 3, "really"),
])
def test_an_end_of_its_own_is_reported_with_its_code(
    qtbot: QtBot, process: ChildProcess, source: str, code: int, last: str
) -> None:
    heard = listened(process)
    process.start([], command=python(source))
    qtbot.waitUntil(lambda: not process.running, timeout=WAIT)
    assert heard[0] == ("line", b"one")
    assert heard[-1] == ("finished", code)
    assert len([kind for kind, _ in heard if kind != "line"]) == 1
    assert process.last_error == last


def test_a_program_that_does_not_exist_fails_to_start(qtbot: QtBot, process: ChildProcess, tmp_path: Path) -> None:
    heard = listened(process)
    process.start(["check"], command=[str(tmp_path / "nowhere")])
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT)
    assert [kind for kind, _ in heard] == ["failed_to_start"]
    assert "couldn't be started" in str(heard[0][1])
    assert not process.running


@pytest.mark.skipif(sys.platform == "win32", reason="whether a file may be run is said otherwise there")
def test_a_program_without_permission_fails_to_start(qtbot: QtBot, process: ChildProcess, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o644)
    heard = listened(process)
    process.start([], command=[str(program)])
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT)
    assert [kind for kind, _ in heard] == ["failed_to_start"]
    assert not process.running


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
@pytest.mark.parametrize("source", [ABORTS, KILLS_ITSELF])
def test_a_process_that_crashes_or_is_killed_has_crashed(qtbot: QtBot, process: ChildProcess, source: str) -> None:
    heard = listened(process)
    process.start([], command=python(source))
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT)
    assert [kind for kind, _ in heard] == ["crashed"]
    assert not process.running


def test_nothing_is_reported_of_a_process_that_was_cancelled(qtbot: QtBot, process: ChildProcess) -> None:
    heard = listened(process)
    process.start([], command=python(SLEEPS))
    qtbot.waitUntil(lambda: bool(heard), timeout=WAIT)
    process.cancel()
    assert not process.running
    process.start([], command=python("print('second')"))
    qtbot.waitUntil(lambda: not process.running, timeout=WAIT)
    assert heard == [("line", b"ready"), ("line", b"second"), ("finished", 0)]


# -- the pages that have such processes


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The program can't be started again, as where an update has moved it."""
    monkeypatch.setattr(child_process, "program_command", lambda: [str(tmp_path / "moved away")])


@pytest.mark.usefixtures("nowhere")
def test_a_page_whose_check_cannot_start_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    page = DataPage("Photos", purpose="to train on")
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.checked, timeout=WAIT):
        page.set_folder(tmp_path)
    assert "couldn't be started" in page.sentence()
    assert not named(page, QProgressBar, "Photos checked").isVisibleTo(page)


@pytest.mark.usefixtures("nowhere")
def test_a_row_whose_measurement_cannot_start_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    row = NeedsRow(tmp_path)
    qtbot.addWidget(row)
    row.show_needs(preset("quick", data=str(tmp_path)), photos=9)
    row.measure.click()
    qtbot.waitUntil(lambda: "couldn't be started" in row.warning(), timeout=WAIT)
    assert row.measure.text() == "Measure the t&ime"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals there")
def test_a_check_that_is_killed_is_reported(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "program_command", lambda: [*python(KILLS_ITSELF)])
    check = DataCheck()
    with qtbot.waitSignal(check.ended, timeout=WAIT) as ended:
        check.start(tmp_path)
    assert ended.args == [None, child_process.CRASHED]
