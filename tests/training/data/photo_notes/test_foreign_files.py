"""Files of other programs are understood, and what is written for them is read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import DataError
from training.data.entities import Box
from training.data.photo_notes.foreign_files import Foreign, coco_texts, labelme_texts, read_foreign
from training.data.photo_notes.name_index import NameIndex
from training.data.photo_notes.notes import MarkedObject, PhotoNotes
from training.data.qa_pair import QaPair

NAMES = ("beach/1.jpg", "beach/2.png", "COCO_val2014_000000000042.jpg", "1.jpeg")
SIZES = {"beach/1.jpg": (640, 480), "COCO_val2014_000000000042.jpg": (200, 400)}
NOTES = {
    "beach/1.jpg": PhotoNotes(
        ("A dog, running", "A \"brown\" dog"), (QaPair("beach/1.jpg", "Which flag is up?", "red", "other"),),
        (MarkedObject("dog", Box(0.25, 0.5, 0.75, 1)), MarkedObject("dog", Box(0, 0, 0.5, 0.25))),
    ),
    "COCO_val2014_000000000042.jpg": PhotoNotes(
        (), (QaPair("COCO_val2014_000000000042.jpg", "Is it raining?", "no", "presence", (("no", 2), ("yes", 1))),),
        (MarkedObject("café", Box(0.1, 0.1, 0.2, 0.2)),),
    ),
}


def written(folder: Path, texts: dict[str, str]) -> Path:
    for name, content in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def only(part: str) -> dict[str, PhotoNotes]:
    """One part of the notes."""
    parts = {name: PhotoNotes(**{part: getattr(said, part)}) for name, said in NOTES.items()}
    return {name: said for name, said in parts.items() if not said.is_empty}


def test_coco_and_vqa_files_come_back(tmp_path: Path) -> None:
    written(tmp_path, coco_texts(NOTES, SIZES))
    assert read_foreign(tmp_path / "captions_photos.json", NAMES) == Foreign(only("captions"), 0)
    found = read_foreign(tmp_path / "instances_photos.json", NAMES).notes
    for name, said in only("objects").items():
        assert [thing.name for thing in found[name].objects] == [thing.name for thing in said.objects]
        for ours, theirs in zip(said.objects, found[name].objects, strict=True):
            assert theirs.box == pytest.approx(ours.box, abs=1e-4)
    for file in ("vqa_photos_questions.json", "vqa_photos_annotations.json"):
        assert read_foreign(tmp_path / file, NAMES) == Foreign(only("questions"), 0), "either of the two may be chosen"


def test_labelme_files_come_back_and_name_their_photos_by_paths(tmp_path: Path) -> None:
    texts = labelme_texts(NOTES, SIZES, lambda name, file: f"../photos/{name}")
    assert set(texts) == {"beach/1.json", "COCO_val2014_000000000042.json"}
    assert read_foreign(written(tmp_path, texts), NAMES) == Foreign(only("objects"), 0)


def test_labelmes_shapes_become_boxes_and_points_are_left_out(tmp_path: Path) -> None:
    def shape(kind: str, *points: tuple[float, float], label: str = "dog") -> dict[str, object]:
        return {"label": label, "shape_type": kind, "points": points}

    shapes = [
        shape("polygon", (10, 20), (60, 10), (50, 90)), shape("circle", (50, 50), (50, 75)), shape("point", (1, 1)),
        shape("rectangle", (90, 90), (-20, 150), label=" the  sea "), shape("rectangle", (5, 5), (5, 9)), "rubbish",
    ]
    content = {"imagePath": "..\\x\\2.png", "imageWidth": 100, "imageHeight": 100, "shapes": shapes}
    (tmp_path / "any.json").write_text(json.dumps(content))
    assert read_foreign(tmp_path / "any.json", NAMES).notes == {
        "beach/2.png": PhotoNotes(objects=(
            MarkedObject("dog", Box(0.1, 0.1, 0.6, 0.9)), MarkedObject("dog", Box(0.25, 0.25, 0.75, 0.75)),
            MarkedObject("the sea", Box(0, 0.9, 0.9, 1)),
        )),
    }


def test_vqa_v2s_own_names_belong_together_and_numbers_find_cocos_photos(tmp_path: Path) -> None:
    asked = [{"question_id": 9, "image_id": 42, "question": "Is it?"}, {"question_id": 8, "image_id": 7, "question": "A?"}]
    said = [{"question_id": 9, "image_id": 42, "answers": [{"answer": answer} for answer in ("yes", "yes", "no")]}]
    (tmp_path / "v2_OpenEnded_mscoco_val2014_questions.json").write_text(json.dumps({"questions": asked}))
    (tmp_path / "v2_mscoco_val2014_annotations.json").write_text(json.dumps({"annotations": said}))
    name = NAMES[2]
    pair = QaPair(name, "Is it?", "yes", "presence", (("yes", 2), ("no", 1)))
    found = read_foreign(tmp_path / "v2_OpenEnded_mscoco_val2014_questions.json", NAMES)
    assert found == Foreign({name: PhotoNotes(questions=(pair,))}, 1)


def test_collections_are_taken_over_by_the_photos_that_are_there(tmp_path: Path) -> None:
    for file, content in (
        ("captions.csv", "image,caption\nelsewhere/2.png,A boat\nnowhere.jpg,A dog\n"),
        ("captions.jsonl", '{"image": "2.png", "caption": "A boat"}\n{"image": "9.png", "caption": "A dog"}\n'),
    ):
        (tmp_path / file).write_text(content)
        assert read_foreign(tmp_path / file, NAMES) == Foreign({"beach/2.png": PhotoNotes(("A boat",))}, 1)
    (tmp_path / "q.jsonl").write_text('{"image": "2.png", "question": "Which?", "answer": "red"}\n')
    (pair,) = read_foreign(tmp_path / "q.jsonl", NAMES).notes["beach/2.png"].questions
    assert (pair.image, pair.answer) == ("beach/2.png", "red")


def test_a_name_that_could_mean_two_photos_means_none() -> None:
    photos = NameIndex(["a/1.jpg", "b/1.jpg", "c.jpg"])
    found = {"1.jpg": None, "b/1.jpg": "b/1.jpg", "x/c.jpg": "c.jpg", "c": "c.jpg", "d.jpg": None}
    assert {name: photos.find(name) for name in found} == found


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", "{{"), ("b.json", '{"shapes": 1}'), ("c.json", '{"questions": []}'), ("d.txt", "words"), ("e.json", "[]")],
)
def test_what_is_no_such_file_is_one_sentence(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name.split(".")[0]):
        read_foreign(tmp_path / name, NAMES)


def test_a_folder_without_labelme_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelme files"):
        read_foreign(tmp_path, NAMES)
