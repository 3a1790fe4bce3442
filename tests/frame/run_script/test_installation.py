"""What run.py installs, and when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.frame.run_script.environments import finished, posix_only, stand_in


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
