"""What a user named is printed as it is, whatever it looks like."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import make_dataset
from training.commands.progress_display import ProgressDisplay
from training.commands.terminal import print_error, terminal

LIKE_MARKUP = "[/x] [bold] [red]a[/red]"
"""A folder's name that rich would take for markup, in part for such that closes what was never opened."""
SMALL = (
    "encoder=random", "encoder_name=test_vit", "image_size=64", "vocabulary_size=300", "width=32", "layers=1", "heads=4",
    "dev_photos=2", "captions_per_photo=1", "warm_up.epochs=1", "warm_up.batch_photos=8", "fine_tune.epochs=1",
    "fine_tune.batch_photos=8", "device=cpu", "threads=1",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a data set in `data`."""
    folder = tmp_path_factory.mktemp("any") / LIKE_MARKUP
    make_dataset(folder / "data", photos=8)
    return folder


def run(*arguments: str | Path, module: str = "spinvlm_desktop") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", check=False,
        timeout=150, env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"},
    )


@pytest.fixture(scope="module")
def trained(folder: Path) -> subprocess.CompletedProcess[str]:
    """What a small run in `run` printed."""
    settings = [part for setting in SMALL for part in ("--set", setting)]
    return run("--data", folder / "data", "--out", folder / "run", *settings, module="training")


def test_training_prints_its_paths_as_they_are(folder: Path, trained: subprocess.CompletedProcess[str]) -> None:
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert f"The model is {folder / 'run' / 'best.safetensors'}; ask it with" in trained.stderr
    again = run("--data", folder / "data", "--out", folder / "run", module="training")
    assert (again.returncode, again.stderr.strip()) == (
        1, f"{folder / 'run'} already holds a training run; use --resume, or choose another folder."
    )


@pytest.mark.usefixtures("trained")
def test_measuring_prints_its_paths_as_they_are(folder: Path) -> None:
    done = run("measure", "--data", folder / "data", "--out", folder / "report", "--model", folder / "run" / "best.safetensors",
               "--spin", "off", "--measure", "captions")
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith(f"The report is in {folder / 'report'}.\n")


@pytest.mark.parametrize("command", ["check", "pairs", "train"])
def test_an_error_names_the_path_as_it_is(folder: Path, tmp_path: Path, command: str) -> None:
    out = ("--out", tmp_path / "run") if command == "train" else ()
    done = run(command, *out, "--data", folder / "none")
    assert done.returncode == 1
    assert f"{folder / 'none'} is not a folder" in done.stderr


@pytest.mark.parametrize("kind", ["notice", "preparing"])
def test_events_of_a_run_are_shown_as_they_are(kind: str) -> None:
    console = terminal(width=200)
    event = {"event": kind, "text": f"The encoder starts from {LIKE_MARKUP}.", "what": f"of {LIKE_MARKUP}", "done": 1, "total": 2}
    with console.capture() as shown, ProgressDisplay(console) as display:
        display.show(event)
    assert LIKE_MARKUP in shown.get()


def test_a_sentence_that_looks_like_markup_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    print_error(ValueError(f"{LIKE_MARKUP} {json.dumps({'a': [1]})} " + 50 * "long "))
    assert capsys.readouterr().err.startswith(f'{LIKE_MARKUP} {{"a": [1]}} long')
