"""What a model is called, wherever it is named."""

from __future__ import annotations

from pathlib import Path

from core.files.model_info import model_name


def test_a_runs_model_is_called_as_its_run(tmp_path: Path) -> None:
    for name in ("Our dog", "Garden"):
        run = tmp_path / name
        run.mkdir()
        (run / "config.json").touch()
        assert model_name(run / "best.safetensors") == name
        assert model_name(run / "vlm_spin_best_model.pth") == name
        assert model_name(run / "other.safetensors") == "other"
    assert model_name(tmp_path / "best.safetensors") == "best", "elsewhere it has its file's name"
