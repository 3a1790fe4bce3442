"""Training in the bundle, killed and gone on with; measuring; looking data over: all that the window starts as processes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bundle.smoke_test import bare_environment
from spinvlm_desktop.pictures.drawn_photos import draw_collection

Run = Callable[..., subprocess.CompletedProcess[str]]
SHORT = ("--set", "warm_up.epochs=2", "--set", "fine_tune.epochs=1", "--set", "checkpoint_seconds=0")


def test_a_model_is_trained_resumed_asked_and_measured(run: Run, program: Path, home: Path, photo: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "ein Lauf"
    draw_collection(data)
    checked = run("check", "--data", data, "--json")
    assert json.loads(checked.stdout.splitlines()[-1])["usable"], checked.stderr
    command = [program, "train", "--data", data, "--out", out, "--preset", "quick", *SHORT, "--log", tmp_path / "train.log"]
    with subprocess.Popen(command, env=bare_environment(home), cwd=tmp_path) as training:
        deadline = time.monotonic() + 120
        while not (out / "checkpoint.pt").exists() and training.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        training.kill()
    assert (out / "checkpoint.pt").exists(), (tmp_path / "train.log").read_text(encoding="utf-8")
    resumed = run("train", "--out", out, "--resume", "--json")
    events = [json.loads(line) for line in resumed.stdout.splitlines()]
    assert [event["event"] for event in events].count("run_finished") == 1, resumed.stderr
    assert "resumed" in {event["event"] for event in events}
    asked = run("ask", "--model", out / "best.safetensors", "--image", photo)
    assert (asked.returncode, asked.stderr) == (0, "")
    probed = run("probe", "--config", out / "config.json", "--seconds", "1")
    assert json.loads(probed.stdout.splitlines()[-1])["warm_up"] > 0, probed.stderr
    measured = run("measure", "--data", data, "--model", out / "best.safetensors", "--spin", "off", "--out", tmp_path / "report")
    assert measured.returncode == 0, measured.stderr
    assert (tmp_path / "report" / "report.json").is_file()
