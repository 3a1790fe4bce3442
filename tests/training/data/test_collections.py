"""Several folders learnt from together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from core.errors import DataError
from tests.training.conftest import make_dataset
from training.data.collections import load_collections
from training.questions.vqa_pairs import build_pairs


def asked(folder: Path, names: list[str]) -> Path:
    """Photos with a question each and no captions."""
    folder.mkdir()
    lines: list[str] = []
    for number, name in enumerate(names):
        Image.new("RGB", (8, 8), (number, 40, 90)).save(folder / name)
        lines.append(json.dumps({"image": name, "question": f"What is number {number}?", "answer": f"thing {number}"}))
    (folder / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_photos_of_both_folders_keep_their_captions_questions_and_splits(tmp_path: Path) -> None:
    captioned = make_dataset(tmp_path / "captioned", photos=8, marked=True)
    together = load_collections([captioned, asked(tmp_path / "asked", [f"q{n}.png" for n in range(10)])])
    parts = [load_collections([tmp_path / name]) for name in ("captioned", "asked")]
    assert together.images == tuple(sorted((*parts[0].images, *parts[1].images), key=lambda image: image.name))
    assert {image.name for image in together.split("dev")} == {image.name for part in parts for image in part.split("dev")}
    assert together.entities == captioned / "entities"
    pairs = {pair.image: pair.answer for pair in build_pairs(together, "train") if pair.kind == "other"}
    named = [image.name for image in parts[1].split("train")]
    assert pairs == {name: f"thing {name[1]}" for name in named}


def test_two_photos_of_one_name_are_refused(tmp_path: Path) -> None:
    first, second = (asked(tmp_path / name, [f"{name}.png", "same.png"]) for name in ("a", "b"))
    with pytest.raises(DataError, match=r"Two of the folders have a photo named same\.png"):
        load_collections([first, second])
