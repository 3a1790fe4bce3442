"""run.py: what it says to a machine that isn't ready, what it installs and when, and what it passes on."""

from __future__ import annotations

import ast
import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spinvlm_desktop import __version__

ROOT = Path(__file__).parents[2]
posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")


@pytest.fixture(scope="module")
def run() -> ModuleType:
    specification = importlib.util.spec_from_file_location("run_script", ROOT / "run.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with what run.py reads."""
    (tmp_path / "constraints.txt").write_text("a==1\n")
    (tmp_path / "pyproject.toml").write_text('[project.optional-dependencies]\ndev = ["linter>=2", "tester[all]"]\n')
    return tmp_path


def stand_in(path: Path, script: str) -> None:
    """An executable that takes the place of a virtual environment's Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


# A Python that is too old


def test_an_old_python_can_read_the_script() -> None:
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    annotations = [argument.annotation for node in functions for argument in (*node.args.args, *node.args.kwonlyargs)]
    annotations += [node.returns for node in functions]
    annotations += [node.annotation for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)]
    # `list[str]` and `str | None` die where they are evaluated; as strings they aren't.
    assert len(annotations) > 20
    assert all(note is None or isinstance(note, ast.Constant | ast.Name) for note in annotations)


@pytest.mark.parametrize(
    ("platform", "manager", "command"),
    [
        ("linux", "apt", "sudo apt install python3.11 python3.11-venv"),
        ("linux", "dnf", "sudo dnf install python3.11"),
        ("linux", "pacman", "sudo pacman -S python"),
        ("linux", "zypper", "sudo zypper install python311"),
        ("linux", None, "sudo apt install python3.11 python3.11-venv"),
        ("darwin", None, "brew install python@3.12"),
        ("win32", None, "winget install Python.Python.3.12"),
    ],
)
def test_an_old_python_gets_a_sentence_naming_the_one_needed(
    run: ModuleType, platform: str, manager: str | None, command: str
) -> None:
    complaint = run.python_complaint((3, 8), platform, manager)
    assert complaint == f"This program needs Python 3.11 or newer and this is Python 3.8; get one with: {command}"


def test_nothing_is_installed_for_an_old_python(project: Path) -> None:
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    assert "OLDEST_PYTHON = (3, 11)" in source
    needs_a_later_one = source.replace("OLDEST_PYTHON = (3, 11)", "OLDEST_PYTHON = (9, 0)")
    (project / "run.py").write_text(needs_a_later_one, encoding="utf-8")
    done = subprocess.run([sys.executable, project / "run.py", "ask"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("This program needs Python")
    assert len(done.stderr.splitlines()) == 1
    assert not (project / ".venv").exists()


# System libraries


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names of Linux libraries")
def test_missing_libraries_are_found_out(run: ModuleType) -> None:
    assert run.missing_libraries({"libc.so.6": (), "libnot-there.so.9": ()}) == ["libnot-there.so.9"]


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt", "sudo apt install libegl1 libxcb-cursor0"),
        ("dnf", "sudo dnf install libglvnd-egl xcb-util-cursor"),
        ("pacman", "sudo pacman -S libglvnd xcb-util-cursor"),
        ("zypper", "sudo zypper install libglvnd libxcb-cursor0"),
    ],
)
def test_missing_libraries_are_reported_with_the_command_that_brings_them(
    run: ModuleType, manager: str, command: str
) -> None:
    assert run.library_complaint(["libEGL.so.1", "libxcb-cursor.so.0"], manager) == (
        "The window needs system libraries that are missing here (libEGL.so.1, libxcb-cursor.so.0); install them with: "
        + command
    )


def test_an_unknown_system_gets_the_names_alone(run: ModuleType) -> None:
    assert run.library_complaint([], "apt") is None
    assert run.library_complaint(["libGL.so.1"], None).endswith(
        "(libGL.so.1); install them with your system's package manager."
    )


def test_every_library_names_a_package_for_every_manager(run: ModuleType) -> None:
    libraries = {**run.WINDOW_LIBRARIES, **run.X11_LIBRARIES}
    assert {len(packages) for packages in libraries.values()} == {len(run.INSTALL_COMMANDS)}


@pytest.mark.parametrize(
    ("platform", "environment", "asked_for_x11"),
    [
        ("linux", {}, True),
        ("linux", {"QT_QPA_PLATFORM": "offscreen"}, False),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, False),
        ("darwin", {}, None),
        ("win32", {}, None),
    ],
)
def test_libraries_are_looked_for_only_where_a_window_needs_them(
    run: ModuleType, monkeypatch: pytest.MonkeyPatch, project: Path, *,
    platform: str, environment: dict[str, str], asked_for_x11: bool | None,
) -> None:  # fmt: skip
    looked_for: list[str] = []
    monkeypatch.setattr(run, "ROOT", str(project))
    monkeypatch.setattr(run, "missing_libraries", lambda libraries: looked_for.extend(libraries) or list(libraries)[:1])
    assert run.window_complaint(platform, environment) is None, "there is no window in this folder yet"
    (project / "spinvlm_desktop").mkdir()
    (project / "spinvlm_desktop" / "app.py").touch()
    complaint = run.window_complaint(platform, environment)
    assert (complaint is None) == (asked_for_x11 is None)
    assert ("libxcb-cursor.so.0" in looked_for) == bool(asked_for_x11)
    assert ("libEGL.so.1" in looked_for) == (asked_for_x11 is not None)


# What is installed, and when


def touch(path: str | Path) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).touch()


def finished(run: ModuleType, project: Path) -> Any:
    """An environment whose program is installed."""
    environment = run.Environment(str(project))
    touch(environment.python)
    (project / ".venv" / "installed-program.txt").write_text(environment.wanted_stamp())
    assert environment.has("program", environment.wanted_stamp())
    return environment


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "constraints.txt").write_text("a==2\n"),
        lambda project: (project / "pyproject.toml").write_text("[project]\n"),
        lambda project: (project / ".venv" / "installed-program.txt").unlink(),
        lambda project: (project / ".venv" / "unfinished.txt").touch(),
    ],
    ids=["other versions", "other dependencies", "no stamp", "cut off"],
)
def test_an_installation_counts_only_when_finished_and_current(
    run: ModuleType, project: Path, change: Callable[[Path], object]
) -> None:
    environment = finished(run, project)
    change(project)
    assert not environment.has("program", environment.wanted_stamp())


def test_an_installation_whose_python_has_gone_is_none(run: ModuleType, project: Path) -> None:
    environment = finished(run, project)
    Path(environment.python).unlink()
    assert not environment.has("program", environment.wanted_stamp())


def test_a_project_that_has_moved_is_installed_again(run: ModuleType, project: Path) -> None:
    stamp = finished(run, project).wanted_stamp()
    moved = project.rename(project.with_name("moved"))
    assert run.Environment(str(moved)).wanted_stamp() != stamp


class Installation:
    """An environment whose making is a stand-in, and which really runs that stand-in in place of pip."""

    def __init__(self, run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.environment = run.Environment(str(project))
        self.log = project / "calls.txt"
        self.pip_says = ""
        self.pip_ends = "exit 0"
        monkeypatch.setattr(self.environment, "make", self.make)

    def make(self) -> None:
        with self.log.open("a") as log:
            log.write("made\n")
        folder = Path(self.environment.folder)
        for left in folder.glob("*.txt"):
            left.unlink()
        script = f'echo "$@" >> "{self.log}"\ncat "{self.log.parent}/says"\n. "{self.log.parent}/ends"\n'
        stand_in(Path(self.environment.python), script)

    def calls(self, *, checks: bool = False) -> list[str]:
        """What happened while this was prepared: `made`, and what pip was asked for."""
        (self.log.parent / "says").write_text(self.pip_says)
        (self.log.parent / "ends").write_text(self.pip_ends)
        self.log.write_text("")
        self.environment.prepare(checks=checks)
        return [line.rpartition("constraints.txt ")[2] for line in self.log.read_text().splitlines()]


@pytest.fixture
def installation(run: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    return Installation(run, project, monkeypatch)


@posix_only
def test_a_second_start_installs_nothing(installation: Installation, project: Path) -> None:
    assert installation.calls() == ["made", f"--editable {project}[pretrained]"]
    assert "-m pip install" in installation.log.read_text()
    assert installation.calls() == []


@posix_only
def test_tools_of_the_checks_come_with_the_checks(installation: Installation, project: Path) -> None:
    assert installation.calls(checks=True) == ["made", f"--editable {project}[pretrained]", "linter>=2 tester[all]"]
    assert installation.calls(checks=True) == []
    assert installation.calls() == []


@posix_only
def test_other_versions_are_installed_into_the_same_environment(installation: Installation, project: Path) -> None:
    installation.calls(checks=True)
    (project / "constraints.txt").write_text("a==2\n")
    assert installation.calls() == [f"--editable {project}[pretrained]"]
    assert installation.calls(checks=True) == ["linter>=2 tester[all]"]


@posix_only
def test_an_installation_that_was_cut_off_is_made_afresh(installation: Installation, project: Path) -> None:
    installation.calls()
    (project / ".venv" / "unfinished.txt").touch()
    assert installation.calls() == ["made", f"--editable {project}[pretrained]"]


@posix_only
def test_a_pip_that_is_killed_leaves_an_unfinished_environment(
    installation: Installation, project: Path, monkeypatch: pytest.MonkeyPatch, run: ModuleType
) -> None:
    def interrupt(_line: str, *, warned: bool) -> None:
        raise KeyboardInterrupt

    installation.pip_says = "Collecting a\n"
    with monkeypatch.context() as patch:
        patch.setattr(run, "show_progress", interrupt)
        with pytest.raises(KeyboardInterrupt):
            installation.calls()
    assert installation.calls() == ["made", f"--editable {project}[pretrained]"]


@posix_only
def test_a_pip_that_fails_is_reported_in_a_sentence_and_tried_again(
    installation: Installation, project: Path, run: ModuleType
) -> None:
    installation.calls()
    (project / "constraints.txt").write_text("a==2\n")
    installation.pip_says, installation.pip_ends = "ERROR: No matching distribution found for a==2\n", "exit 1"
    with pytest.raises(run.SetupError, match=r"could not be installed: No matching distribution found for a==2$"):
        installation.calls()
    installation.pip_ends = "exit 0"
    assert installation.calls() == [f"--editable {project}[pretrained]"]


def test_pip_failures_are_reported_in_a_sentence(run: ModuleType) -> None:
    offline = [
        "Looking in indexes: somewhere",
        "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(': Failed to establish a "
        "new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/",
        "ERROR: Could not find a version that satisfies the requirement torch==2.13.0 (from versions: none)",
    ]
    assert "check the connection" in run.install_complaint(offline)
    full = ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"]
    assert "the disk is full" in run.install_complaint(full)
    assert run.install_complaint(["ERROR: first", "note", "ERROR: last", "hint"]).endswith(": last")
    assert run.install_complaint([]) == "The packages could not be installed: pip ended without a word"


def test_progress_shows_what_takes_long(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    for line in ("Collecting a", "Downloading https://host/a/torch-2.13.0-cp311-x86_64.whl (190.4 MB)",
                 "Downloading small-1-py3.whl (12 kB)", "Installing collected packages: a, b, c"):  # fmt: skip
        run.show_progress(line, warned=False)
    captured = capsys.readouterr()
    assert captured.err == "  downloading torch-2.13.0 (190.4 MB)\n  installing 3 packages\n"
    assert captured.out == ""


def test_gigabytes_of_cuda_are_announced_once(run: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    run.show_progress("Collecting nvidia-cudnn-cu13==9.1", warned=False)
    assert "PIP_EXTRA_INDEX_URL" in capsys.readouterr().err
    run.show_progress("Collecting nvidia-nccl-cu13==2.2", warned=True)
    assert capsys.readouterr().err == ""


def test_constraints_pin_every_dependency_that_is_named() -> None:
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in wanted}
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert names <= set(pinned)
    assert (pinned["torch"], pinned["torchvision"]) == ("2.13.0", "0.28.0")


# What is passed on


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
