"""What a finished training measures of its model."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from core.errors import ImageError
from core.files.checkpoint import load_model
from tests.training.small_runs import small_config
from training.batches.image_store import Progress
from training.data.captions import load_captions
from training.data.known_objects import read_known_objects
from training.evaluation import final_report
from training.evaluation.certainty.judged_questions import judged_questions
from training.evaluation.final_report import measure_run
from training.evaluation.sweep.dev_set import choose_photos, read_intact_photos


def test_a_certainty_is_measured_where_there_are_enough_questions_for_it(
    talker: Path, scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, config = load_model(talker), small_config(scenes)
    steps: list[str] = []

    def progress(step: str) -> Progress:
        steps.append(step)
        return lambda _done, _total: None

    def measured() -> tuple[bool, bool]:
        report, certainty = measure_run(file, config, device=torch.device("cpu"), progress=progress)
        return report.certainty is not None, certainty is not None

    assert measured() == (False, False)
    assert not [step for step in steps if "certainty" in step]
    dataset = load_captions(scenes)
    photos = choose_photos(dataset, "dev", limit=config.report_photos, seed=config.seed)
    questions = len(judged_questions(dataset, photos, read_known_objects(scenes), split="dev", seed=config.seed))
    monkeypatch.setattr(final_report, "LEAST_QUESTIONS", questions)
    assert measured() == (True, True)


def test_a_damaged_photo_is_left_out_and_one_that_is_gone_is_missed(talker: Path, scenes: Path, tmp_path: Path) -> None:
    data = tmp_path / "scenes"
    shutil.copytree(scenes, data)
    file, config = load_model(talker), small_config(data)
    photos = choose_photos(load_captions(data), "dev", limit=config.report_photos, seed=config.seed)

    def measured() -> int:
        report, _ = measure_run(file, config, device=torch.device("cpu"), progress=lambda _step: lambda _done, _total: None)
        return report.photos

    photos[1].path.write_bytes(photos[1].path.read_bytes()[:200])
    assert measured() == len(photos) - 1
    photos[0].path.unlink()
    assert measured() == len(photos) - 2, "what is gone before it begins isn't chosen"
    with pytest.raises(ImageError):
        read_intact_photos(photos, 32)
