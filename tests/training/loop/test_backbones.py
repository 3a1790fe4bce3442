"""A run whose encoder is a convolutional network."""

from __future__ import annotations

from pathlib import Path

from core.answers import AnswerRequest
from core.files.checkpoint import load_model
from core.session import ModelSession
from tests.training.conftest import make_dataset
from training.loop.training_run import run_training
from training.run.training_config import StageConfig, TrainingConfig


def test_a_feature_map_takes_the_patches_place_in_both_stages_and_in_answers(tmp_path: Path) -> None:
    data = make_dataset(tmp_path / "scenes", photos=8, marked=True)
    config = TrainingConfig(
        data=str(data), encoder="random", encoder_name="test_efficientnet", image_size=96, vocabulary_size=300, width=32,
        layers=1, heads=4, threads=1, captions_per_photo=1, derived_per_photo=1, attention_weight=0.5, dev_photos=2,
        precision="float32", device="cpu", warm_up=StageConfig(epochs=1, batch_photos=3),
        fine_tune=StageConfig(epochs=1, encoder_rate=1e-3, batch_photos=3),
    )
    result = run_training(config, tmp_path / "run")
    assert result.finished
    file = load_model(result.model)
    assert (file.config.encoder_name, file.config.image_size, file.config.grid_side) == ("test_efficientnet", 96, 3)
    session = ModelSession.load(result.model)
    photo = next((data / "Images").iterdir())
    tokens = list(session.stream_answer(AnswerRequest(photo, "Describe the image.")))
    assert tokens[0].patch_attention.shape == (1, 4, 3, 3)


def test_stage_two_may_be_left_out(tmp_path: Path) -> None:
    data = make_dataset(tmp_path / "scenes", photos=8)
    config = TrainingConfig(
        data=str(data), encoder="random", encoder_name="test_efficientnet", image_size=64, vocabulary_size=300, width=32,
        layers=1, heads=4, threads=1, captions_per_photo=1, derived_per_photo=1, dev_photos=2, precision="float32", device="cpu",
        warm_up=StageConfig(epochs=2, batch_photos=3), fine_tune=StageConfig(epochs=0),
    )
    result = run_training(config, tmp_path / "run")
    assert result.finished
    history = load_model(result.model).recipe["history"]
    assert [(line["stage"], line["epoch"]) for line in history] == [("warm_up", 0), ("warm_up", 1)]
    assert "`fine_tune`: left out." in (tmp_path / "run" / "card.md").read_text(encoding="utf-8")
