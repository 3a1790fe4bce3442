"""The sweep over settings of head suppression, on drawn photos."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.config import ModelConfig, SpinConfig
from core.errors import ConfigError, DataError
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import load_model, read_model_info, save_model
from training.batches import image_store
from training.commands.measure_command import measure
from training.evaluation import measurement
from training.evaluation.report.recipe import answers_depend_on
from training.evaluation.report_schema import AS_IN_CHAT
from training.evaluation.sweep import answering, dev_set
from training.evaluation.sweep.calibration import Candidate, calibrate
from training.evaluation.sweep.settings_grid import default_grid, user_grid
from training.evaluation.sweep.sweep_rows import PhotoScores
from training.machine.distributed import trains_in_bfloat16
from training.run.training_config import PrecisionName

PHOTOS = 200
MODEL = ModelConfig(vocabulary_size=10)


def candidate(name: str, *, cider: float, recall: float, invented: float, right: float | None = None, seed: int = 0) -> Candidate:
    """A setting that finds and invents at these rates, photo by photo at random; right: of ten probes."""
    draw = np.random.default_rng(seed)
    named = np.full(PHOTOS, 5.0)
    objects = np.stack([100 * draw.binomial(5, invented, PHOTOS), named], axis=1)
    wanted = np.stack([100 * (draw.random(PHOTOS) < recall) * 5.0, named], axis=1)
    probes = None
    if right is not None:
        yes, no = draw.binomial(5, right, PHOTOS), draw.binomial(5, right, PHOTOS)
        probes = np.stack([yes, 5 - yes, 0 * yes, no, 5 - no, 0 * no], axis=1).astype(np.float64)
    spin = None if name == "SPIN off" else SpinConfig(keep=4)
    return Candidate(name, spin, PhotoScores(np.full(PHOTOS, cider), objects, wanted), probes)


def test_the_best_setting_invents_least_and_costs_no_more_than_a_hundredth() -> None:
    baseline = candidate("SPIN off", cider=30, recall=0.6, invented=0.3)
    costly = candidate("K=2", cider=25, recall=0.6, invented=0.05)
    deaf = candidate("K=4", cider=31, recall=0.4, invented=0.06)
    fair = candidate("K=6", cider=29.8, recall=0.6, invented=0.15)
    choice = calibrate([baseline, costly, deaf, fair])
    assert choice.name == "K=6"
    assert choice.gain.low > 0
    assert (choice.chosen_on, choice.reported_on) == (100, 100)
    assert choice.off["chair_i"] == pytest.approx(30, abs=5)
    assert calibrate([baseline, costly, deaf]).name == "SPIN off"


def test_the_best_of_many_that_differ_by_luck_alone_is_off() -> None:
    """With all photos for both, nearly every draw would find one that is surely better."""
    found = 0
    for draw in range(20):
        settings = [candidate(f"K={n}", cider=30, recall=1.0, invented=0.3, seed=100 * draw + n) for n in range(40)]
        baseline = candidate("SPIN off", cider=30, recall=1.0, invented=0.3, seed=100 * draw + 99)
        found += calibrate([baseline, *settings], seed=draw).spin is not None
    assert found <= 3


def test_a_calibration_by_probes_wants_accuracy_too() -> None:
    baseline = candidate("SPIN off", cider=30, recall=0.6, invented=0.3, right=0.55)
    better = candidate("K=6", cider=30, recall=0.6, invented=0.3, right=0.8)
    assert calibrate([baseline, better], goal="probes").name == "K=6"
    assert calibrate([baseline, better], goal="chair").name == "SPIN off"
    always_yes = Candidate("yes", SpinConfig(keep=4), baseline.photos, np.tile([5.0, 0, 0, 0, 5, 0], (PHOTOS, 1)))
    assert always_yes.f1 == pytest.approx(200 / 3)
    assert baseline.f1 is not None
    assert baseline.f1 < 60
    assert calibrate([baseline, always_yes], goal="probes").name == "SPIN off"


def test_every_setting_of_the_default_grid_fits_the_model() -> None:
    for heads, layers in ((1, 1), (4, 3), (8, 4), (32, 24)):
        settings = default_grid(ModelConfig(vocabulary_size=10, width=32, heads=heads, layers=layers).shape)
        assert next(iter(settings)) == "SPIN off"
        kept = [spin for spin in settings.values() if spin is not None]
        assert all(spin.heads_kept(heads) >= 1 and spin.first_layer < layers for spin in kept)
        assert len(set(kept)) == len(kept)


def test_a_grid_of_ones_own() -> None:
    settings = user_grid(MODEL.shape, keep="2, 0.95", alpha="0,0.1", layers="0:2,3:", score="mass,logits")
    assert len(settings) == 1 + 2 * 2 * 2 * 2
    assert settings["K=2, alpha 0.1, layers 0:2, logits"] == SpinConfig(2, 0.1, last_layer=2, score="logits")
    assert settings["r=0.95, alpha 0, layers 3:"] == SpinConfig(0.95, 0.0, first_layer=3)
    assert list(user_grid(MODEL.shape, keep="4", layers="0:9")) == ["SPIN off", "K=4, alpha 0"]
    assert list(user_grid(MODEL.shape, alpha="0.5")) == ["SPIN off", "K=6, alpha 0.5", "K=4, alpha 0.5", "K=2, alpha 0.5"]
    assert list(user_grid(MODEL.shape, keep="1e-05, .00001, 1e0")) == ["SPIN off", "r=1e-05, alpha 0", "r=1, alpha 0"]
    wrong = (("keep", "many"), ("keep", "9"), ("keep", "0"), ("alpha", "2"), ("layers", "4"), ("layers", "8:"), ("score", "x"))
    for option, text in wrong:
        with pytest.raises(ConfigError):
            user_grid(MODEL.shape, **{option: text})


def report_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "report.json").read_text())


def test_a_sweep_is_reported_and_goes_on_where_it_was(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report"
    measure(scenes, out, model=talker, photos=2, measures="captions,probes")
    said = capsys.readouterr().out
    assert "SPIN off" in said
    assert said.count("(authors')") == 2, "in the tables of captions and of probes"
    report = report_of(out)
    settings = default_grid(load_model(talker).config.shape)
    assert [row["name"] for row in report["rows"]] == [*settings, AS_IN_CHAT]
    assert [row["name"] for row in report["probes"]["rows"]] == list(settings)
    for found in report["rows"]:
        assert found["intervals"]["cider_d"]["low"] <= found["captions"]["cider_d"] <= found["intervals"]["cider_d"]["high"]
    assert report["calibrated"] in settings
    assert report["verdict"].startswith("With SPIN off")
    assert "pointing" not in report
    recipe = report["recipe"]
    assert (recipe["data"], recipe["split"], recipe["seed"]) == (str(scenes), "dev", 0)
    assert (recipe["layers"], recipe["heads"]) == (4, 8)
    fast = "bfloat16" if trains_in_bfloat16("auto", torch.device("cpu")) else "float32"
    assert recipe["precision"] == {"encoder": fast, "features": "float16", "answers": "float32"}
    assert report["verdict"].endswith(f"Photos were encoded in {fast}, answers computed in float32.")
    assert {"model", "model_file", "data_sha256", "settings", "program", "torch", "timm"} <= recipe.keys()
    with (out / "report.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["setting"] for line in lines] == [*settings, AS_IN_CHAT, "people", "another photo's caption", "another photo"]
    with Image.open(out / "report.png") as picture:
        assert picture.size[0] > 1000
    judged = json.loads((out / "judged.json").read_text())["settings"]
    assert list(judged) == [*settings, AS_IN_CHAT]
    marks = [(entry["caption"], mark) for entries in judged.values() for entry in entries for mark in entry["invented"]]
    assert marks
    assert all(caption[mark["start"] : mark["end"]] == mark["word"] for caption, mark in marks)

    kept = json.loads((out / "captions.json").read_text())
    kept["settings"]["SPIN off"] = ["kept"] * 2
    (out / "captions.json").write_text(json.dumps(kept))
    measure(scenes, out, model=talker, photos=2, measures="captions,probes", json_lines=True)
    reported = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not [line for line in reported if line["what"].startswith(("describing", "yes or no"))], "nothing is asked twice"
    assert reported[0]["part"] > 0.5, "what is kept counts as done from the beginning"
    assert report_of(out)["rows"][0]["captions"]["mean_words"] == 1


def test_fewer_photos_than_were_asked_for_are_reported(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a [bold] report"
    for wanted, reported in ((500, "12 photos of train (500 were asked for; there are no more)."), (12, "12 photos of train."),
                         (1, "1 photo of train.")):
        measure(scenes, out, model=talker, split="train", photos=wanted, spin="off", measures="captions")
        assert capsys.readouterr().out.splitlines()[-1] == f"Measured on {reported} The report is in {out}."


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_recipe_states_the_precision_photos_were_encoded_in(
    talker: Path, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: PrecisionName
) -> None:
    in_bfloat16: list[bool] = []

    def watched(*arguments: Any, autocast: bool, **options: Any) -> Any:
        in_bfloat16.append(autocast)
        return image_store.encode_photos(*arguments, autocast=autocast, **options)

    monkeypatch.setattr(measurement, "PRECISION", precision)
    monkeypatch.setattr(dev_set, "encode_photos", watched)
    measure(scenes, tmp_path, model=talker, photos=1, spin="off", measures="captions", device="cpu")
    recipe = report_of(tmp_path)["recipe"]
    assert recipe["precision"]["encoder"] == precision
    assert in_bfloat16 == [precision == "bfloat16"]
    assert "precision" in answers_depend_on(recipe), "what was answered in another precision is not gone on with"


def test_two_runs_of_a_recipe_give_the_same_numbers(talker: Path, scenes: Path, tmp_path: Path) -> None:
    """Of everything that is measured where nothing is named."""
    for name, probes in (("first", None), ("second", tmp_path / "first" / "probes.json")):
        measure(scenes, tmp_path / name, model=talker, keep="4", probes=probes)
    assert {"rows", "probes", "certainty"} <= {name for name, found in report_of(tmp_path / "first").items() if found}
    assert report_of(tmp_path / "first") == report_of(tmp_path / "second")
    for name in ("report.csv", "judged.json", "probes.json", "probe_answers.json", "report.png"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


KILLED = """
import os, signal, sys
from pathlib import Path
whole = os.replace
def replace(temporary, target):
    if Path(target).name == "captions.json" and Path(target).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    whole(temporary, target)
os.replace = replace
from training.commands.measure_command import measure
scenes, out, model = map(Path, sys.argv[1:])
measure(scenes, out, model=model, photos=2, keep="4,2", measures="captions")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_sweep_that_is_killed_while_it_writes_goes_on(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, str(scenes), str(out), str(talker)]
    killed = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert list(json.loads((out / "captions.json").read_text())["settings"]) == ["SPIN off"]
    measure(scenes, out, model=talker, photos=2, keep="4,2", measures="captions", json_lines=True)
    reported = {json.loads(line)["what"] for line in capsys.readouterr().out.splitlines()}
    described = {what for what in reported if what.startswith("describing")}
    assert described == {"describing: K=4, alpha 0", "describing: K=2, alpha 0", f"describing: {AS_IN_CHAT}"}
    measure(scenes, tmp_path / "whole", model=talker, photos=2, keep="4,2", measures="captions", json_lines=True)
    assert report_of(out) == report_of(tmp_path / "whole")


KILLED_WITHIN = """
import os, signal, sys
from pathlib import Path
from training.evaluation.sweep import answering
from training.evaluation.sweep import kept_answers
scenes, out, model = map(Path, sys.argv[1:4])
file, wanted = sys.argv[4:]
answering.BATCH_PHOTOS, kept_answers.KEEP_EVERY_S = 2, 0
keep = kept_answers.KeptAnswers.keep_begun
def keep_begun(self, name, answers):
    keep(self, name, answers)
    if (self._path.name, name, len(answers)) == (file, wanted, 4):
        os.kill(os.getpid(), signal.SIGKILL)
kept_answers.KeptAnswers.keep_begun = keep_begun
from training.commands.measure_command import measure
measure(scenes, out, model=model, split="train", photos=7, keep="2", measures="captions,probes", json_lines=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_setting_that_is_killed_goes_on_after_the_photos_that_were_answered(
    talker: Path, scenes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "killed"
    kills = (("probe_answers.json", "another photo"), ("captions.json", "K=2, alpha 0"))
    for file, name in kills:
        command = [sys.executable, "-c", KILLED_WITHIN, str(scenes), str(out), str(talker), file, name]
        killed = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert {key: len(texts) for key, texts in json.loads((out / file).read_text())["begun"].items()} == {name: 4}
    reported = killed.stdout
    monkeypatch.setattr(answering, "BATCH_PHOTOS", 2)
    for folder in (out, tmp_path / "whole"):
        measure(
            scenes, folder, model=talker, split="train", photos=7, keep="2", measures="captions,probes", json_lines=True
        )
        reported += capsys.readouterr().out if folder == out else ""
    asked = [(line["what"], line["done"]) for line in map(json.loads, reported.splitlines())]
    for what in ("yes or no: another photo", "describing: K=2, alpha 0"):
        # What was reported before the kill is that of the first four photos, if of any.
        assert [done for part, done in asked if part == what and done > 4] == [6, 7], asked
    assert ("yes or no: another photo", 2) not in asked, "nothing is asked twice"
    assert report_of(out) == report_of(tmp_path / "whole")
    for file, _ in kills:
        assert (out / file).read_bytes() == (tmp_path / "whole" / file).read_bytes(), "nothing is left of what was begun"


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_the_best_setting_is_written_into_the_model_file(talker: Path, scenes: Path, tmp_path: Path, suffix: str) -> None:
    path, file = tmp_path / f"model{suffix}", load_model(talker)
    save_model(path, file.model, file.tokenizer, metrics=file.metrics, recipe=file.recipe)
    measure(scenes, tmp_path / "report", model=path, keep="4", calibrate=True, measures="captions")
    calibration = read_model_info(path).calibration
    assert calibration is not None
    report = report_of(tmp_path / "report")
    assert calibration["spin"] == report["calibration"]["spin"]
    assert calibration["chair_i_off"] == report["calibration"]["off"]["chair_i"]
    assert load_model(path).content_hash == report["recipe"]["model"] == file.content_hash


def test_the_starter_model_is_measured_where_none_is_named_and_what_is_not_measured_is_not_mentioned(
    scenes: Path, tmp_path: Path
) -> None:
    measure(scenes, tmp_path, spin="off", measures="probes", photos=2)
    report = report_of(tmp_path)
    assert report["recipe"]["model"] == load_model(starter_model_path()).content_hash
    assert (report["rows"], report["calibrated"], report["humans"]) == ([], None, None)
    assert [row["name"] for row in report["probes"]["rows"]] == ["SPIN off"]
    assert not (tmp_path / "report.png").exists()


def test_what_cannot_be_measured_is_a_sentence(scenes: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no photo with a caption in its test split"):
        measure(scenes, tmp_path, split="test")
    for wrong in ({"spin": "half"}, {"goal": "fame"}, {"measures": "luck"}, {"spin": "off", "keep": "4"},
                  {"measures": "probes", "calibrate": True}, {"measures": "captions", "goal": "probes"}):
        with pytest.raises(ConfigError):
            measure(scenes, tmp_path, **wrong)
    with pytest.raises(DataError, match="holds no boxes"):
        measure(scenes, tmp_path, measures="pointing")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="can't be written"):
        measure(scenes, tmp_path / "file" / "report", photos=1)
