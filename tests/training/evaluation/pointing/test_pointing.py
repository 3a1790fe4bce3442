"""Whether a word's attention falls into its box: boxes as they are stored, words as tokens, and the figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from core.files.bundled_models import bundled_models, starter_model_path
from core.files.checkpoint import ModelFile, load_model
from core.text.prompt import encode_answer
from training.data.captions import load_captions
from training.data.entities import read_boxes
from training.evaluation.pointing.measuring import measure_pointing
from training.evaluation.pointing.pointing_words import patches_inside, read_photo_words
from training.evaluation.sweep.dev_set import DevSet, photo_features, read_photos

Boxes = dict[str, tuple[int, int, int, int] | None]
SENTENCES = (
    "[/EN#1/people A man] in [/EN#2/clothing a red shirt] throws [/EN#3/other a tennis ball] .",
    "[/EN#1/people The man 's] dog , and [/EN#3/other two tennis balls] near [/EN#0/other nothing] .",
)


def write_entities(folder: Path, name: str, sentences: Sequence[str], boxes: Boxes) -> None:
    """For a photo of 400 x 200 pixels."""
    for part in ("Sentences", "Annotations"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "Sentences" / f"{name}.txt").write_text("\n".join(sentences) + "\n", encoding="utf-8")
    objects = ""
    for chain, box in boxes.items():
        sides = "<nobndbox>1</nobndbox>" if box is None else "<bndbox>" + "".join(
            f"<{side}>{value}</{side}>" for side, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        ) + "</bndbox>"
        objects += f"<object><name>{chain}</name>{sides}</object>"
    text = f"<annotation><size><width>400</width><height>200</height></size>{objects}</annotation>"
    (folder / "Annotations" / f"{name}.xml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def starter() -> ModelFile:
    """The one whose grid can be halved."""
    return load_model(next(model.path for model in bundled_models() if model.path != starter_model_path()))


def test_boxes_are_parts_of_the_photo(tmp_path: Path) -> None:
    write_entities(tmp_path, "7", SENTENCES, {"1": (1, 51, 200, 200), "2": None, "3": (101, 1, 400, 20)})
    assert read_boxes(tmp_path, "7_ab.jpg") == {"1": ((0, 0.25, 0.5, 1),), "3": ((0.25, 0, 1, 0.1),)}
    assert read_boxes(tmp_path, "8_ab.jpg") == {}
    for text in ("<annotation>", "<annotation/>"):
        (tmp_path / "Annotations" / "7.xml").write_text(text)
        assert read_boxes(tmp_path, "7_ab.jpg") == {}


def test_patches_whose_centre_lies_in_a_box() -> None:
    half = patches_inside([(0, 0, 0.5, 1)], side=14).reshape(14, 14)
    assert half[:, :7].all()
    assert not half[:, 7:].any()
    tiny = patches_inside([(0.51, 0.02, 0.515, 0.03)], side=14).reshape(14, 14)
    assert np.argwhere(tiny).tolist() == [[0, 7]]
    both = patches_inside([(0, 0, 0.5, 1), (0.5, 0, 1, 1)], side=14)
    assert both.all()


def test_a_noun_is_found_among_the_tokens(tmp_path: Path, starter: ModelFile) -> None:
    everywhere = (1, 1, 400, 200)
    write_entities(tmp_path / "entities", "7", SENTENCES, dict.fromkeys("123", everywhere))
    image = load_captions(_captioned(tmp_path, ["7_ab.png"])).images[0]
    found = read_photo_words(image, tmp_path / "entities", starter.tokenizer, side=14, max_tokens=64)
    assert len(found.answers) == 2
    said = []
    for word in found.words:
        ids = found.answers[word.caption]
        rest = starter.tokenizer.decode(ids[word.token :])
        said.append((word.caption, rest.split()[0]))
        assert found.answers[word.caption] == encode_answer(starter.tokenizer, starter.tokenizer.decode(ids), max_tokens=64)
    assert said == [(0, "man"), (0, "shirt"), (0, "ball"), (1, "balls")]


def test_attention_in_both_halves_is_all_of_it(tmp_path: Path, starter: ModelFile) -> None:
    names = [f"{number}_ab.png" for number in range(3)]
    images = list(load_captions(_captioned(tmp_path, names)).images)
    device = torch.device("cpu")
    pixels = read_photos(images, starter.config.image_size)
    features = photo_features(starter, pixels, precision="float32", device=device, progress=lambda done, total: None)
    sides: dict[str, tuple[int, int, int, int]] = {"left": (1, 1, 200, 200), "right": (201, 1, 400, 200), "all": (1, 1, 400, 200)}
    reports = {}
    for side, box in sides.items():
        for number in range(3):
            write_entities(tmp_path / side, str(number), SENTENCES, dict.fromkeys("123", box))
        reports[side] = measure_pointing(starter, DevSet(images, features), tmp_path / side, progress=lambda done, total: None)
    left, right, whole = reports["left"], reports["right"], reports["all"]
    assert left is not None
    assert right is not None
    assert whole is not None
    assert left.words == 12
    assert (left.chance["hit"], whole.chance["mass"]) == (50, 100)
    assert {"all_heads", "kept", "suppressed", "overlay", "shuffled"} == set(left.groups)
    for name, group in whole.groups.items():
        assert group["hit"].value == pytest.approx(100), name
        assert group["mass"].value == pytest.approx(100, abs=1e-3), name
        halves = left.groups[name], right.groups[name]
        assert sum(half["hit"].value for half in halves) == pytest.approx(100)
        assert sum(half["mass"].value for half in halves) == pytest.approx(100, abs=1e-3)
    heads = starter.config.heads
    mean = np.mean([[head["hit"] for head in layer] for layer in left.heads])
    assert mean == pytest.approx(left.groups["all_heads"]["hit"].value)
    kept, suppressed = left.groups["kept"]["mass"].value, left.groups["suppressed"]["mass"].value
    parts = left.keep * kept + (heads - left.keep) * suppressed
    assert parts / heads == pytest.approx(left.groups["all_heads"]["mass"].value)


def test_photos_without_boxes_are_not_measured(tmp_path: Path, starter: ModelFile) -> None:
    write_entities(tmp_path / "entities", "7", SENTENCES, {"1": None})
    images = list(load_captions(_captioned(tmp_path, ["7_ab.png"])).images)
    dev = DevSet(images, torch.zeros(1, starter.config.image_tokens, starter.config.encoder_width))
    assert measure_pointing(starter, dev, tmp_path / "entities", progress=lambda done, total: None) is None


def _captioned(folder: Path, names: Sequence[str]) -> Path:
    """Photos of noise, each with a caption that nothing here reads."""
    from PIL import Image

    (folder / "Images").mkdir(exist_ok=True)
    lines = ["image,caption"]
    for number, name in enumerate(names):
        noise = np.random.default_rng(number).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / "Images" / name)
        lines.append(f"{name},A man throws a ball .")
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder
