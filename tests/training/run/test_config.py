from __future__ import annotations

import json

import pytest

from core.errors import ConfigError
from training.commands.train_command import with_setting
from training.run.training_config import StageConfig, TrainingConfig, preset


@pytest.mark.parametrize("name", ["quick", "standard", "starter"])
def test_a_preset_survives_json(name: str) -> None:
    config = preset(name, data="photos")
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match="quick, standard, starter"):
        preset("huge", data="photos")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 100, "heads": 8}, "multiple of heads"),
        ({"dropout": 1.0}, "dropout"),
        ({"precision": "int4"}, "precision"),
        ({"data": ""}, "data"),
        ({"warm_up": StageConfig(epochs=1, encoder_rate=1e-4)}, "frozen"),
        ({"warm_up": StageConfig(epochs=0)}, "at least 1 epoch"),
        ({"vocabulary_size": 0}, "vocabulary_size"),
        ({"threads": 0}, "threads"),
    ],
)
def test_a_bad_setting_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainingConfig(**{"data": "photos", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{"epochs": -1}, {"epochs": 1, "layer_decay": 0}, {"epochs": 1, "decoder_rate": 0}])
def test_a_bad_stage_setting_is_named(changes: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=list(changes)[-1]):
        StageConfig(**changes)  # type: ignore[arg-type]


def test_settings_can_be_changed_by_name() -> None:
    config = with_setting(preset("standard", data="photos"), "fine_tune.epochs=3")
    config = with_setting(config, "vocabulary=words.json")
    assert (config.fine_tune.epochs, config.vocabulary) == (3, "words.json")
    for wrong, message in (("epochs=3", "no setting"), ("third.epochs=1", "no stage"), ("width", "NAME=VALUE"),
                           ("width=wide", "width")):
        with pytest.raises(ConfigError, match=message):
            with_setting(config, wrong)


def test_a_model_that_is_passed_on_names_no_folder_of_its_maker() -> None:
    config = TrainingConfig(
        data="/home/ada/photos/cats", more_data=("/home/ada/dogs",), encoder="/home/ada/vit.pth",
        vocabulary="/home/ada/words.json",
        start_from="/home/ada/models/best.safetensors",
    )
    shared = config.without_folders()
    assert "ada" not in str(shared.to_dict())
    assert (shared.data, shared.more_data, shared.encoder) == ("cats", ("dogs",), "vit.pth")
    assert TrainingConfig(data="photos").without_folders() == TrainingConfig(data="photos")
