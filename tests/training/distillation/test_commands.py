from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.errors import ConfigError
from core.files.encoder_weights import load_encoder_weights
from core.model.vision_encoder import VisionEncoder
from tests.training.distillation.conftest import Drawn
from training.distillation.commands import app


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_from_photos_to_an_encoder(drawn: Drawn, mobilenet: Path, tmp_path: Path) -> None:
    pack = tmp_path / "photos.npz"
    assert "24 photos" in run(
        "pack", "--folder", str(drawn.folder), "--captions", str(drawn.captions), "--size", "64", "--out", str(pack)
    )
    common = ("--photos", str(pack), "--teacher", f"mobilenet_v2={mobilenet}", "--lessons", str(tmp_path / "lessons"),
              "--side", "64", "--components", "8", "--turns", "2", "--probe-photos", str(pack))
    learning = (
        "learn", *common, "--out", str(tmp_path / "run"), "--stage", "32:8:32", "--init", "random",
        "--set", 'encoder_name="test_vit"', "--set", "word_photos=2",
    )
    assert "random initial weights" in run(*learning)
    assert "goes on from step 4" in run(*learning)
    run("learn", *common, "--out", str(tmp_path / "more"), "--follow", str(tmp_path / "run"), "--stage", "32:8:8",
        "--set", 'encoder_name="test_vit"', "--set", "word_photos=2", "--set", "word_weight=0")
    run("cooldown", *common, "--from", str(tmp_path / "run"), "--out", str(tmp_path / "cool"), "--stage", "48:4:16")
    last = json.loads((tmp_path / "cool" / "probe.log").read_text().splitlines()[-1])
    assert (last["step"], last["views"]) == (4, 16)
    encoder = tmp_path / "cool" / "encoder.safetensors"
    load_encoder_weights(VisionEncoder("test_vit"), str(encoder))
    reported = run("probe", "--photos", str(pack), "--encoder", str(encoder), "--encoder-name", "test_vit",
               "--teacher", f"mobilenet_v2={mobilenet}", "--size", "64")
    assert reported.count(" %") == 2


@pytest.mark.parametrize("setting", ["stages=1", "colour=2", "rate=fast"])
def test_settings_that_there_are_not_are_refused(setting: str, mobilenet: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        run("learn", "--photos", "p", "--teacher", f"mobilenet_v2={mobilenet}", "--lessons", "l", "--out", str(tmp_path),
            "--stage", "32:8:32", "--set", setting)
