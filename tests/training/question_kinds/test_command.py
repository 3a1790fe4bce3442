"""The command that tunes the encoder of questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.question_kinds.__main__ import main


def test_a_folder_without_the_published_model_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "vocab.txt").write_text("a\n")
    with pytest.raises(SystemExit):
        main(["--from", str(tmp_path)])
    assert capsys.readouterr().err.endswith(f"{tmp_path} holds no model.safetensors.\n")
