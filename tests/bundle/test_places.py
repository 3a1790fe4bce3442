"""The bundle works wherever it is put, whoever starts it, and with nothing else at hand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.smoke_test import bare_environment
from core.answers import AnswerRequest
from core.session import ModelSession
from spinvlm_desktop import __version__

QUESTION = "What is the person doing?"
Run = Callable[..., subprocess.CompletedProcess[str]]
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses Linux's own tools")


def works(*command: str) -> bool:
    """Whether this machine lets us do that."""
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_it_has_the_version_of_its_source(run: Run) -> None:
    assert run("--version").stdout.strip() == f"spinvlm {__version__}"


def test_it_answers_as_the_source_does(run: Run, photo: Path) -> None:
    done = run("ask", "--image", photo, "--prompt", QUESTION, "--json")
    assert done.returncode == 0, done.stderr
    answer = ModelSession.load().answer(AnswerRequest(photo, QUESTION))
    reported = json.loads(done.stdout)
    assert reported["answer"] == answer.text
    probabilities = [token.probability for token in answer.tokens]
    assert [token["probability"] for token in reported["tokens"]] == pytest.approx(probabilities, 1e-3)


def test_it_compares_and_explains(run: Run, photo: Path) -> None:
    done = run("ask", "--image", photo, "--compare", "--keep", "4", "--explain", "--method", "beam")
    assert done.returncode == 0, done.stderr
    assert "heads kept, layer by layer" in done.stdout


def test_it_works_at_a_place_with_spaces_and_other_letters(run: Run, moved: Path) -> None:
    done = run("selftest", "--json", executable=moved)
    reported = json.loads(done.stdout)
    assert (done.returncode, reported["ok"], reported["packaged"]) == (0, True, True), reported


def test_modules_where_it_is_started_are_not_its_own(run: Run, photo: Path, tmp_path: Path) -> None:
    for name in ("core", "training", "torch", "resources"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('a stranger was imported')")
    done = run("ask", "--image", photo, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@linux_only
def test_it_needs_no_network(run: Run, photo: Path) -> None:
    if not works("unshare", "--net", "true"):
        pytest.skip("this machine lets nobody leave the network")
    done = run("ask", "--image", photo, before=(str(shutil.which("unshare")), "--net"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@linux_only
def test_it_works_where_nothing_can_be_written(run: Run, folder: Path, photo: Path) -> None:
    read_only = f'mount --bind "{folder}" "{folder}" && mount -o remount,bind,ro "{folder}" && ! touch "{folder}/x" 2>/dev/null'
    shell = str(shutil.which("sh"))
    if not works("unshare", "--mount", shell, "-c", read_only):
        pytest.skip("this machine lets nobody mount a folder read-only")
    path = os.environ["PATH"]
    script = f'export PATH="{path}"; {read_only} && PATH= exec "$0" "$@"'
    done = run("ask", "--image", photo, before=(str(shutil.which("unshare")), "--mount", shell, "-c", script))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_it_writes_nothing_beside_itself(run: Run, folder: Path, photo: Path) -> None:
    before = {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}
    assert run("ask", "--image", photo).returncode == 0
    assert {path: path.lstat().st_mtime_ns for path in folder.rglob("*")} == before


@linux_only
def test_another_user_may_start_it(run: Run, program: Path, photo: Path) -> None:
    if not works("runuser", "-u", "nobody", "--", "test", "-x", str(program)):
        pytest.skip("only root may be somebody else, and nobody may not come to where the bundle is")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        shown = Path(name) / "photo.jpg"
        shutil.copy(photo, shown)
        done = run(
            "ask", "--image", shown, before=(str(shutil.which("runuser")), "-u", "nobody", "--"), cwd=Path(name),
            environment={"PATH": "", "HOME": "/nonexistent", "LANG": "C.UTF-8"},
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_home_that_can_not_be_written_is_reported_in_a_sentence(run: Run, photo: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    environment = {**bare_environment(in_the_way / "home"), "QT_QPA_PLATFORM": "offscreen"}
    answered = run("ask", "--image", photo, environment=environment)
    assert (answered.returncode, answered.stderr) == (0, "")
    tested = run("selftest", "--json", environment=environment)
    parts = {part["name"]: part for part in json.loads(tested.stdout)["parts"]}
    assert [name for name, part in parts.items() if not part["ok"]] == ["folders"]
    assert "can't be written" in parts["folders"]["detail"]
    trained = run("train", "--data", tmp_path, "--out", in_the_way / "run", environment=environment)
    assert trained.returncode == 1
    assert "Traceback" not in trained.stderr
    assert len(trained.stderr.strip().splitlines()) == 1, trained.stderr


@linux_only
def test_without_a_display_it_says_so(run: Run, home: Path) -> None:
    environment = {name: value for name, value in bare_environment(home).items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("QT_QPA_PLATFORM", None)
    done = run(environment=environment)
    assert done.returncode == 2
    assert "SpinVLM ask --image PHOTO" in done.stderr
