"""What run.py starts, and what it passes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from spinvlm_desktop import __version__
from tests.frame.run_script.environments import ROOT, finished, posix_only, stand_in


@posix_only
def test_arguments_reach_the_command_line(run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = finished(run, project)
    log = project / "calls.txt"
    stand_in(Path(environment.python), f'for argument in "$@"; do echo "$argument" >> "{log}"; done\nexit 7\n')
    with monkeypatch.context() as patch:
        patch.setattr(run, "Environment", lambda _root: environment)
        patch.setattr(os, "name", "nt")  # there the program runs as a child, so that this test goes on
        code = run.main(["ask", "--image", "a photo.jpg"])
    assert code == 7
    assert log.read_text().splitlines() == ["-P", "-m", "spinvlm_desktop", "ask", "--image", "a photo.jpg"]


@posix_only
def test_every_check_runs_and_one_failure_fails_all(
    run: ModuleType, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    stand_in(python, f'echo "$@" >> "{tmp_path}/calls.txt"\ncase "$*" in *pyright*) exit 3;; esac\n')
    assert run.run_checks(str(python), ["-k", "one thing"]) == 1
    calls = (tmp_path / "calls.txt").read_text().splitlines()
    assert [call.split()[1] for call in (calls[0], calls[1], calls[3])] == ["ruff", "pyright", "pytest"]
    assert calls[1].endswith(f"--pythonpath {python}"), "types are those of the packages in .venv"
    assert "lint_imports" in calls[2]
    assert [call.endswith("-k one thing") for call in calls] == [False, False, False, True]
    summary = capfd.readouterr().out.partition("== summary\n")[2]
    assert [line.split(" in ")[0].split()[-1] for line in summary.splitlines()] == ["ok", "FAILED", "ok", "ok"]
    stand_in(python, "exit 0\n")
    assert run.run_checks(str(python), []) == 0


@posix_only
def test_an_installed_program_starts_from_anywhere(run: ModuleType, project: Path, tmp_path: Path) -> None:
    environment = run.Environment(str(project))
    stand_in(Path(environment.python), f'PYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n')
    (project / "run.py").write_bytes((ROOT / "run.py").read_bytes())
    (project / ".venv" / "installed-program.txt").write_text(environment.wanted_stamp())
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "core").mkdir(parents=True)
    (elsewhere / "core" / "__init__.py").write_text("raise RuntimeError('a folder of the user')")
    done = subprocess.run(
        [sys.executable, project / "run.py", "--version"], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"spinvlm {__version__}\n", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_it_says_how_to_ask() -> None:
    without = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    done = subprocess.run(
        [sys.executable, "-m", "spinvlm_desktop"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={name: value for name, value in os.environ.items() if name not in without},
    )
    assert done.returncode == 2
    assert 'python run.py ask --image PHOTO --prompt "' in done.stderr
    assert "Traceback" not in done.stderr
