"""A collection to train on holds what was said of the photos that are still the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from core.images.image_input import content_hash
from spinvlm_desktop.captioning.notes.collection_export import StoppedError, make_collection
from spinvlm_desktop.captioning.notes.folder_photos import find_photos, look_at
from spinvlm_desktop.captioning.notes.photo_record import CaptioningError, PhotoRecord
from training.data.captions import load_captions
from training.data.collections import load_collections
from training.data.entities import Box
from training.data.photo_notes.notes import MarkedObject, PhotoNotes
from training.data.qa_pair import QaPair


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(("1.jpg", "sub/1.jpg", "3.png", "4.jpg")):
        Image.new("RGB", (40, 30 + number), (50 * number, 20, 90)).save(folder / name)
    return folder


def records_of(photos: Path) -> dict[str, PhotoRecord]:
    names = [path.relative_to(photos).as_posix() for path in photos.rglob("*.*g")]
    marked = (MarkedObject("dog", Box(0, 0, 0.5, 0.5)),)
    seen = {name: look_at(photos / name, content_hash(photos / name)) for name in names}
    return {name: PhotoRecord(PhotoNotes((f"A dog in {name}",), objects=marked), seen=seen[name]) for name in names}


def test_photos_of_one_name_in_two_folders_are_told_apart(photos: Path, tmp_path: Path) -> None:
    records = records_of(photos)
    made = make_collection(photos, records, tmp_path / "made")
    assert (made.photos, made.missing) == (4, 0)
    dataset = load_captions(made.folder)
    said = {image.captions[0]: image.path.read_bytes() for image in dataset.images}
    assert said == {f"A dog in {name}": (photos / name).read_bytes() for name in records}
    assert dataset.entities is not None
    assert len(list((dataset.entities / "Annotations").iterdir())) == 4
    assert make_collection(photos, records, tmp_path / "made").folder == made.folder, "the same again makes no second one"
    other = photos.rename(photos.with_name("others"))
    second = make_collection(other, records, tmp_path / "made")
    assert len(load_collections([made.folder, second.folder]).images) == 8, "two folders can be trained on together"


def test_what_is_gone_replaced_skipped_or_only_typed_is_left_out(photos: Path, tmp_path: Path) -> None:
    records = records_of(photos)
    records["4.jpg"] = PhotoRecord(draft="A man w")
    (photos / "1.jpg").unlink()
    with pytest.raises(CaptioningError, match="at least 2"):
        make_collection(photos, {name: records[name] for name in ("1.jpg", "3.png", "4.jpg")}, tmp_path / "made")
    Image.new("RGB", (9, 9)).save(photos / "1.jpg")
    made = make_collection(photos, records, tmp_path / "made")
    assert (made.photos, made.missing) == (2, 1)
    assert find_photos(photos, records).replaced == {"1.jpg"}


def test_questions_alone_make_a_collection_that_stays_as_it_is(photos: Path, tmp_path: Path) -> None:
    names = ("1.jpg", "3.png")
    asked = {name: PhotoRecord(PhotoNotes(questions=(QaPair(name, "Which flag?", "red", "other"),))) for name in names}
    made = make_collection(photos, asked, tmp_path / "made")
    before = made.folder.stat().st_ino
    assert [image.questions[0].answer for image in load_captions(made.folder).images] == ["red", "red"]
    assert make_collection(photos, asked, tmp_path / "made") == made
    assert made.folder.stat().st_ino == before, "what may be trained on now isn't written again"


def test_one_that_was_stopped_leaves_nothing(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(StoppedError):
        make_collection(photos, records_of(photos), tmp_path / "made", progress=lambda done, _all: done < 2)
    assert list((tmp_path / "made").iterdir()) == []


def test_a_place_that_can_not_be_written_is_one_sentence(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("a file")
    with pytest.raises(CaptioningError, match="can't be written"):
        make_collection(photos, records_of(photos), tmp_path / "made")


def test_photos_whose_names_no_file_can_hold_are_counted(photos: Path) -> None:
    for name in ("a\nb.jpg", " c.jpg", "d\\e.jpg"):
        (photos / name).write_bytes((photos / "1.jpg").read_bytes())
    found = find_photos(photos, {})
    assert (len(found.names), found.left_out) == (4, 3)
