from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.text.tokenizer import Tokenizer
from training.batches.answer_regions import caption_regions
from training.batches.dataset import NO_REGION, PairDataset
from training.batches.regions import PhotoRegions, object_chains, read_regions, region_masks
from training.batches.run_data import SplitData
from training.data.entities import Box, parse_boxes, read_boxes
from training.language.caption_parser import parse_entity_sentence
from training.questions.rules.read_image import ReadImage

ANNOTATION = """<annotation><size><width>400</width><height>200</height><depth>3</depth></size>
<object><name>7</name><name>8</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>200</xmax><ymax>100</ymax></bndbox></object>
<object><name>7</name><bndbox><xmin>301</xmin><ymin>101</ymin><xmax>400</xmax><ymax>200</ymax></bndbox></object>
<object><name>9</name><scene>1</scene><nobndbox>0</nobndbox></object></annotation>"""
SENTENCES = (
    "[/EN#7/animals Two small dogs] chase [/EN#8/other a red , round ball] .",
    "[/EN#7/animals Dogs] run in [/EN#9/scene the park] with \"[/EN#0/other joy]\" .",
)


def image() -> ReadImage:
    return ReadImage("12_ab.jpg", tuple(parse_entity_sentence(sentence) for sentence in SENTENCES))


def test_boxes_are_parts_of_the_photo_by_chain() -> None:
    assert parse_boxes(ANNOTATION) == {"7": (Box(0, 0, 0.5, 0.5), Box(0.75, 0.5, 1, 1)), "8": (Box(0, 0, 0.5, 0.5),)}


@pytest.mark.parametrize("text", ["", "<annotation>", "<annotation/>", ANNOTATION.replace("200", "wide"),
                                  ANNOTATION.replace("<width>400", "<width>0")])
def test_a_damaged_annotation_leaves_its_photo_without_boxes(tmp_path: Path, text: str) -> None:
    (tmp_path / "Annotations").mkdir()
    assert read_boxes(tmp_path, "12_ab.jpg") == {}
    (tmp_path / "Annotations" / "12.xml").write_text(text, encoding="utf-8")
    assert read_boxes(tmp_path, "12_ab.jpg") == {}
    (tmp_path / "Annotations" / "12.xml").write_text(ANNOTATION, encoding="utf-8")
    assert set(read_regions(tmp_path, [image()])[0].boxes) == {"7", "8"}


def test_masks_give_the_part_of_a_patch_inside_the_boxes() -> None:
    photo = PhotoRegions({"7": [Box(0, 0, 0.5, 0.25), Box(0.875, 0.5, 1, 1)], "8": []})
    assert photo.number(["7"]) == photo.number(["8", "7"]) == 0
    assert photo.number(["8"]) is None
    masks = region_masks([photo, PhotoRegions({})], side=4)
    expected = [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0.5], [0, 0, 0, 0.5]]
    assert masks.of([0, 1]).tolist() == [[expected], [[[0.0] * 4] * 4]]
    assert torch.equal(masks.of([1, 0])[1], masks.of([0])[0])


def test_each_token_of_a_phrase_names_its_region() -> None:
    captions = ("two small dogs chase a red, round ball", "dogs run in the park with joy")
    tokenizer = Tokenizer.train_bpe([f" {caption}" for caption in captions * 2], vocabulary_size=300)
    photo = PhotoRegions(parse_boxes(ANNOTATION))
    regions = caption_regions(captions[0], tokenizer, image().captions, photo)
    said: dict[int, str] = {}
    for token, region in zip(tokenizer.encode(" " + captions[0]), regions, strict=True):
        said[region] = said.get(region, "") + tokenizer.token_bytes(token).decode()
    # A token that spans nothing but a space belongs to what stands before it.
    assert {region: text.strip() for region, text in said.items()} == {
        0: "two small dogs", NO_REGION: "chase", 1: "a red, round ball"
    }
    # The park has no box, and joy isn't in the photo.
    second = caption_regions(captions[1], tokenizer, image().captions, photo)
    assert set(second) == {0, NO_REGION}
    assert caption_regions("a cat sleeps", tokenizer, image().captions, photo) == ()


def test_an_object_is_shown_by_all_phrases_that_name_it() -> None:
    assert object_chains(image(), "dog") == {"7"}
    assert object_chains(image(), "animal") == {"7"}
    assert object_chains(image(), "boat") == set()


def test_regions_are_mirrored_with_cached_features() -> None:
    photos = 12
    marked = [PhotoRegions({"7": [Box(0, 0, 0.25, 1)]}) for _ in range(photos)]
    for photo in marked:
        photo.number(["7"])
    views = tuple(np.full((photos, 17, 2), value, dtype=np.float16) for value in (0, 1))
    data = SplitData(
        [], PairDataset([], pad_id=0, start_id=3, captions_per_photo=1, derived_per_photo=0, seed=0),
        np.zeros((photos, 8, 8, 3), dtype=np.uint8), torch.arange(photos) > 0, views, region_masks(marked, side=4),
    )
    images, regions = data.frozen_features(torch.arange(photos), generator=torch.Generator().manual_seed(0))
    assert regions is not None
    mirrored = images[:, 0, 0] == 1
    assert mirrored.any()
    assert not mirrored[0]
    assert torch.equal(regions[:, 0, 0, 3] == 1, mirrored)
    assert torch.equal(regions[:, 0, 0, 0] == 1, ~mirrored)
