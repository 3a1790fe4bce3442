"""The models that come with the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ModelFileError
from core.files import bundled_models
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import read_model_info


def test_the_starter_model_is_found_or_missed_in_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bundled_models.resources, "files", lambda package: tmp_path / package)
    with pytest.raises(ModelFileError, match=r"^The starter model is missing from this installation; .*--model file\.$"):
        starter_model_path()
    assert bundled_models.bundled_models() == ()
    expected = tmp_path / "resources" / "models" / "starter.safetensors"
    expected.parent.mkdir(parents=True)
    expected.touch()
    assert starter_model_path() == expected
    assert [model.path for model in bundled_models.bundled_models()] == [expected]


def test_the_starter_model_is_the_first_and_one_of_them_has_a_vision_transformer() -> None:
    models = bundled_models.bundled_models()
    assert models[0].path == starter_model_path()
    assert len({model.name for model in models}) == len(models)
    assert "vit_tiny_patch16_224" in [read_model_info(model.path).config.encoder_name for model in models]
