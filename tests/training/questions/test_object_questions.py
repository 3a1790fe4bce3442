"""Questions that are made of what is seen in photos without captions."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from training.data.captions import CaptionDataset, load_captions
from training.data.data_check import check_dataset
from training.data.entities import Box
from training.data.seen_objects import SeenObject, SeenObjects
from training.questions.rules.objects import object_pairs
from training.questions.vqa_pairs import build_pairs


def seen(*objects: tuple[str, tuple[float, float, float, float] | None], absent: str = "", **counts: int) -> SeenObjects:
    marked = tuple(SeenObject(name, Box(*box) if box else None) for name, box in objects)
    return SeenObjects(marked, frozenset(filter(None, absent.split(","))), counts)


def answers(photo: SeenObjects) -> dict[str, str]:
    """Every wording of every question, with its answer."""
    return {wording: pair.answer for pair in object_pairs("a.jpg", photo, seed=0) for wording in pair.questions}


WHOLE = (0.1, 0.1, 0.9, 0.9)


@pytest.mark.parametrize(
    ("photo", "question", "answer"),
    [
        (seen(("zebra", WHOLE), zebra=1), "What animal is this?", "zebra"),
        (seen(("zebra", WHOLE), ("zebra", WHOLE), zebra=2), "What animals are these?", "zebras"),
        (seen(("zebra", WHOLE), ("zebra", WHOLE), zebra=2), "How many zebras are there?", "two"),
        (seen(("zebra", WHOLE), ("zebra", WHOLE), zebra=2), "Is there more than one zebra?", "yes"),
        (seen(("bus", WHOLE), bus=1), "What type of vehicle is shown?", "bus"),
        (seen(("toilet", WHOLE)), "What room is this?", "bathroom"),
        (seen(("couch", WHOLE), ("tv", WHOLE)), "What room is this?", "living room"),
        (seen(("person", WHOLE), ("tennis racket", WHOLE)), "What sport is this?", "tennis"),
        (seen(("kite", (0.4, 0.1, 0.5, 0.2)), ("person", WHOLE), person=1), "What is the person doing?", "flying kite"),
        (seen(("person", (0.3, 0.1, 0.6, 0.8)), ("umbrella", (0.3, 0.0, 0.6, 0.3)), person=1), "What is he holding?", "umbrella"),
        (seen(("person", (0.3, 0.1, 0.6, 0.7)), ("horse", (0.2, 0.4, 0.8, 0.9)), person=1), "What is he riding?", "horse"),
        (seen(("person", (0.3, 0.1, 0.6, 0.7)), ("bench", (0.2, 0.4, 0.8, 0.9)), person=1), "What is he sitting on?", "bench"),
        (seen(("cat", (0.4, 0.4, 0.6, 0.6)), ("bed", WHOLE)), "Where is the cat?", "on bed"),
        (seen(("table", WHOLE), ("cake", (0.3, 0.3, 0.6, 0.6))), "What is on the table?", "cake"),
        (seen(("cup", (0.1, 0.5, 0.4, 0.9)), ("vase", (0.45, 0.3, 0.7, 0.9))), "What is next to the cup?", "vase"),
        (seen(("clock", (0.0, 0.3, 0.3, 0.7)), ("vase", (0.7, 0.3, 1.0, 0.7))), "What is on the left?", "clock"),
        (seen(("clock", (0.0, 0.3, 0.3, 0.7)), ("vase", (0.7, 0.3, 1.0, 0.7))), "What is on the right?", "vase"),
        (seen(("giraffe", WHOLE)), "Is this outdoors?", "yes"),
        (seen(("microwave", WHOLE)), "Is this outdoors?", "no"),
    ],
)
def test_what_is_seen_answers_what_people_ask(photo: SeenObjects, question: str, answer: str) -> None:
    assert answers(photo).get(question) == answer


def test_what_isnt_known_isnt_asked() -> None:
    assert not any("How many" in question for question in answers(seen(("dog", WHOLE)))), "one mark is no count"
    two_kinds = answers(seen(("dog", WHOLE), ("cat", WHOLE)))
    assert "What animal is this?" not in two_kinds
    assert not any("holding" in question or "riding" in question for question in answers(
        seen(("person", (0.0, 0.1, 0.2, 0.8)), ("horse", (0.5, 0.4, 0.9, 0.9)), ("umbrella", (0.8, 0.0, 0.9, 0.1)), person=1)
    )), "nothing that is elsewhere in the photo"
    both = answers(seen(("bus", WHOLE), ("tv", (0.1, 0.1, 0.2, 0.2))))
    assert not any("outdoors" in question or "outside" in question for question in both)
    crowd = seen(("person", WHOLE), ("person", WHOLE), ("skis", WHOLE), person=2)
    assert answers(crowd).get("What are they doing?") == "skiing"
    assert "What is he doing?" not in answers(crowd)


def test_this_or_another_kind_is_answered_with_yes_and_no_alike() -> None:
    photo = seen(("zebra", WHOLE), absent="horse,cow")
    asked = Counter(
        (pair.topic, pair.answer) for seed in range(200) for pair in object_pairs("a.jpg", photo, seed=seed)
        if pair.questions[0].startswith("Is this a ")
    )
    assert set(asked) == {("zebra", "yes"), ("horse", "no"), ("cow", "no")}
    assert 70 < asked["zebra", "yes"] < 130


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A photo with a caption, one with a question, and two of which only objects are known."""
    for name in ("told.jpg", "asked.jpg", "zebra.jpg", "pizza.jpg"):
        Image.new("RGB", (8, 8), name.encode().hex()[:6].rjust(7, "#")).save(tmp_path / name)
    (tmp_path / "captions.txt").write_text("image,caption\ntold.jpg,A dog runs on the grass .\n")
    (tmp_path / "questions.jsonl").write_text('{"image": "asked.jpg", "question": "Is it late?", "answer": "no"}\n')
    lines = [
        {"image": "told.jpg", "objects": ["zebra"], "complete": False},
        {"image": "asked.jpg", "objects": [{"name": "bus", "box": WHOLE}], "complete": False},
        {"image": "zebra.jpg", "objects": [{"name": "zebra", "box": WHOLE}], "counts": {"zebra": 1}, "absent": ["pizza"],
         "complete": False},
        {"image": "pizza.jpg", "objects": ["pizza"], "absent": ["zebra"], "complete": False},
    ]
    (tmp_path / "objects.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def by_photo(dataset: CaptionDataset, split: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in build_pairs(dataset, split):
        found.setdefault(pair.image, set()).add(pair.answer)
    return found


def test_photos_without_captions_learn_what_is_seen_beside_their_questions(collection: Path) -> None:
    found = by_photo(load_captions(collection, dev_fraction=0), "train")
    assert {"bus", "no"} <= found["asked.jpg"]
    assert "zebra" in found["zebra.jpg"]
    assert "pizza" in found["pizza.jpg"]
    assert "zebra" not in found["told.jpg"], "its caption tells it better"


def test_the_check_counts_photos_that_teach_by_their_objects_alone_too(collection: Path) -> None:
    report = check_dataset(load_captions(collection, dev_fraction=0))
    assert report.with_objects == 3
    assert report.without_captions == []
    assert "3 images with noted objects" in report.lines()[0]
    (collection / "objects.jsonl").unlink()
    assert check_dataset(load_captions(collection, dev_fraction=0)).without_captions == ["pizza.jpg", "zebra.jpg"]


def test_what_is_seen_is_never_measured(collection: Path) -> None:
    dataset = load_captions(collection, dev_fraction=0.5)
    dev = {image.name for image in dataset.split("dev")}
    assert len(dev) == 1 <= len({"told.jpg", "asked.jpg"} - dev), "photos of which only objects are known are no dev photos"
    assert "bus" not in by_photo(dataset, "dev").get("asked.jpg", set())
    assert {"zebra.jpg", "pizza.jpg"} <= set(by_photo(dataset, "train"))
