"""Which photos a measurement is about."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from core.errors import DataError
from core.files.checkpoint import ModelFile
from training.data.captions import load_captions
from training.evaluation.measurement import Plan, measure_model


def test_an_empty_split_names_those_that_have_photos(tmp_path: Path) -> None:
    lines = ["image,caption,split"]
    for number, split in enumerate(["train"] * 3 + ["val"] * 2):
        Image.new("RGB", (8, 8), (40 * number, 0, 0)).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,a red square,{split}")
    (tmp_path / "captions.csv").write_text("\n".join(lines))
    plan = Plan(load_captions(tmp_path), {}, ("captions",), split="test")
    no_model = cast("ModelFile", None)  # it isn't looked at
    with pytest.raises(DataError, match=r"in its test split\. Photos with captions are in train \(3\) and dev \(2\)\."):
        measure_model(no_model, plan, tmp_path / "out", on_progress=lambda _progress: None)
