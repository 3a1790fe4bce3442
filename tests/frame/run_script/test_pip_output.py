"""What run.py shows of pip's output, and the versions pip is given."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.frame.run_script.environments import ROOT


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
