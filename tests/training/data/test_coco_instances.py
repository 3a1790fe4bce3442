"""COCO's own files of objects, as people drew them and as a detector found them."""

from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.errors import DataError
from training.data.captions import load_captions
from training.data.coco_instances import read_instances
from training.data.entities import Box
from training.questions.vqa_pairs import build_pairs

CATEGORIES = [{"id": 1, "name": "person"}, {"id": 24, "name": "zebra"}, {"id": 67, "name": "dining table"}, {"id": 3}]


def marked(image: int, category: int, box: list[Any], **more: Any) -> dict[str, Any]:
    return {"image_id": image, "category_id": category, "bbox": box, **more}


def write(folder: Path, annotations: list[dict[str, Any]], *, name: str = "instances_train.json") -> None:
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 200, "height": 100} for n in (1, 2)]
    content = {"images": images, "annotations": annotations, "categories": CATEGORIES}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def test_what_people_drew_is_seen_counted_and_all_else_absent(tmp_path: Path) -> None:
    write(tmp_path / "annotations", [
        marked(1, 24, [20, 10, 100, 50]), marked(1, 24, [0, 0, 20, 20]), marked(2, 67, [0, 50, 200, 50]),
        marked(2, 1, [0, 0, 100, 100], iscrowd=1), marked(2, 3, [0, 0, 1, 1]), marked(9, 1, [0, 0, 1, 1]),
    ])
    seen = read_instances(tmp_path)
    assert set(seen) == {"1.jpg", "2.jpg"}
    assert seen["1.jpg"].boxes == {"zebra": (Box(0.1, 0.1, 0.6, 0.6), Box(0, 0, 0.1, 0.2))}
    assert (seen["1.jpg"].counts, seen["1.jpg"].absent) == ({"zebra": 2}, {"person", "table"})
    assert seen["2.jpg"].names == {"table", "person"}
    assert (seen["2.jpg"].counts, seen["2.jpg"].absent) == ({"table": 1}, {"zebra"}), "nobody counted the crowd"


def test_what_a_detector_is_unsure_of_is_neither_seen_nor_absent_nor_counted(tmp_path: Path) -> None:
    write(tmp_path, [
        marked(1, 24, [0, 0, 100, 50], score=0.9), marked(1, 24, [0, 0, 10, 10], score=0.3),
        marked(1, 1, [0, 0, 9, 9], score=0.39), marked(2, 1, [0, 0, 100, 100], score=0.4),
    ])
    seen = read_instances(tmp_path)
    assert [(photo.names, photo.absent, photo.counts) for photo in seen.values()] == [
        ({"zebra"}, {"table"}, {}), ({"person"}, {"zebra", "table"}, {"person": 1})]


def test_a_packed_file_is_read_and_a_damaged_one_named(tmp_path: Path) -> None:
    write(tmp_path, [marked(1, 24, [0, 0, 200, 100])])
    packed = tmp_path / "instances_train.json.xz"
    packed.write_bytes(lzma.compress((tmp_path / "instances_train.json").read_bytes()))
    (tmp_path / "instances_train.json").unlink()
    assert read_instances(tmp_path)["1.jpg"].names == {"zebra"}
    packed.write_bytes(b"no archive")
    with pytest.raises(DataError, match="can't be unpacked"):
        read_instances(tmp_path)


def test_what_was_found_in_photos_for_the_starter_model_is_read(tmp_path: Path) -> None:
    kept = Path(__file__).parents[3] / "docs" / "starter" / "instances_coco_2014.json.xz"
    (tmp_path / kept.name).write_bytes(kept.read_bytes())
    seen = read_instances(tmp_path)
    assert len(seen) == 5728
    assert seen["000000000025.jpg"].names == {"giraffe"}
    assert sum(bool(photo.objects) for photo in seen.values()) > 4500


@pytest.mark.parametrize("box", [None, [1, 2, 3], ["a", 0, 1, 1], "box"])
def test_an_object_without_a_readable_box_is_seen_all_the_same(tmp_path: Path, box: Any) -> None:
    write(tmp_path, [marked(1, 24, box)])
    assert read_instances(tmp_path)["1.jpg"].boxes == {"zebra": ()}


def test_entries_of_no_number_are_passed_over(tmp_path: Path) -> None:
    box = [0, 0, 200, 100]
    odd: list[dict[str, Any]] = [
        {"image_id": [1], "category_id": 24, "bbox": box}, {"image_id": 1, "category_id": {"id": 24}, "bbox": box}, {"bbox": box},
        {"image_id": 1, "bbox": box}, marked(1, 24, box, score="high"),
    ]
    write(tmp_path, [*odd, marked(2, 24, box)])
    seen = read_instances(tmp_path)
    assert [(name, photo.names) for name, photo in seen.items()] == [("1.jpg", set()), ("2.jpg", {"zebra"})]


@pytest.mark.parametrize("content", ["", "[1]", '{"images": 3, "annotations": [7]}', '{"images": [{"file_name": 3}]}'])
def test_a_file_of_something_else_says_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "instances_x.json").write_text(content)
    assert read_instances(tmp_path) == {}


def test_photos_with_questions_learn_from_the_files_and_a_line_of_ones_own_comes_first(tmp_path: Path) -> None:
    for number in (1, 2):
        Image.new("RGB", (8, 8), (number, 9, 9)).save(tmp_path / f"{number}.jpg")
    (tmp_path / "questions.jsonl").write_text('{"image": "1.jpg", "question": "Is it late?", "answer": "no"}\n')
    write(tmp_path, [marked(1, 24, [0, 0, 200, 100]), marked(2, 24, [0, 0, 200, 100])])
    (tmp_path / "objects.jsonl").write_text('{"image": "2.jpg", "objects": ["pizza"], "complete": false}\n')
    dataset = load_captions(tmp_path, dev_fraction=0)
    assert dataset.layout == "questions (questions.jsonl)"
    answers = {(pair.image, pair.answer) for pair in build_pairs(dataset, "train")}
    assert {("1.jpg", "no"), ("1.jpg", "zebra"), ("2.jpg", "pizza")} <= answers
    assert ("2.jpg", "zebra") not in answers
