"""The file of corrections, as several windows and other programs meet it."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from core.errors import SpinVlmError
from spinvlm_desktop.pictures.drawn_photos import draw_photo
from spinvlm_desktop.teach.collection import lessons, own_collection, write_collection
from spinvlm_desktop.teach.corrections import FILE_NAME, Correction, Corrections
from training.data.captions import load_captions


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "beach.jpg"
    draw_photo(path)
    return path


def made(photo: Path, question: str, *, answer: str = "a man", was_right: bool = True, right_answer: str = "") -> Correction:
    content = hashlib.sha256(photo.read_bytes()).hexdigest()
    return Correction(content, photo.name, question, answer, "starter", was_right, right_answer, "2026-11-30T01:02:03+00:00")


def test_two_windows_lose_nothing_of_each_other(photo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "corrections"

    def keep_ten(first: int) -> None:
        corrections = Corrections(folder)
        for number in range(first, first + 10):
            corrections.keep(made(photo, f"question {number}"), photo)

    threads = [threading.Thread(target=keep_ten, args=(first,)) for first in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {c.question for c in Corrections(folder).all()} == {f"question {number}" for number in range(20)}


def test_what_another_window_keeps_is_seen(photo: Path, tmp_path: Path) -> None:
    first, second = (Corrections(tmp_path / "corrections") for _ in range(2))
    assert first.all() == []
    second.keep(made(photo, "one"), photo)
    assert [c.question for c in first.all()] == ["one"]
    second.keep(made(photo, "two"), photo)
    second.delete(made(photo, "one"))
    assert [c.question for c in first.all()] == ["two"]


@pytest.mark.parametrize("line", [
    b"\xff\xfe no text", b"[1, 2]", b'{"photo": "of a later version", "stars": 5}', b'{"half": ', b'"text"', b"12",
])
def test_a_line_that_is_not_known_is_passed_over_and_stays(line: bytes, photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "one"), photo)
    file = tmp_path / "corrections" / FILE_NAME
    file.write_bytes(line + b"\n" + file.read_bytes())
    corrections.keep(made(photo, "two"), photo)
    assert [c.question for c in corrections.all()] == ["one", "two"]
    for question in ("one", "two"):
        corrections.delete(made(photo, question))
    assert corrections.all() == []
    assert file.read_bytes().splitlines() == [line]


def test_a_value_of_another_kind_makes_a_line_unknown(photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "one"), photo)
    file = tmp_path / "corrections" / FILE_NAME
    whole = file.read_text()
    for before, after in (('"was_right": true', '"was_right": "yes"'), ('"model": "starter"', '"model": null')):
        file.write_text(whole.replace(before, after))
        assert corrections.all() == []


def test_a_photo_that_has_changed_since_it_was_opened_is_not_kept(photo: Path, tmp_path: Path) -> None:
    correction = made(photo, "one")
    draw_photo(photo, shirt="green")
    corrections = Corrections(tmp_path / "corrections")
    with pytest.raises(SpinVlmError, match=r"beach\.jpg was changed"):
        corrections.keep(correction, photo)
    assert corrections.all() == []


def test_of_one_question_the_last_word_is_learnt_and_the_unknown_left_out(photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "Which flag?", answer="red"), photo)
    corrections.keep(made(photo, "Which flag?", answer="blue", was_right=False, right_answer="green"), photo)
    corrections.keep(made(photo, "Which flag?", answer="white", was_right=False), photo)
    corrections.keep(made(photo, "Who?", answer="", was_right=True), photo)
    assert [(lesson.pair.question, lesson.pair.answer) for lesson in lessons(corrections)] == [("Which flag?", "green")]


def test_photos_that_are_gone_are_left_out(photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "one"), photo)
    kept = corrections.photo(made(photo, "one").photo)
    assert kept is not None
    kept.unlink()
    assert lessons(corrections) == []


def test_a_collection_that_was_cut_off_is_written_again(photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "Who is it?"), photo)
    collection = own_collection(lessons(corrections), tmp_path / "collections")
    (collection / "questions.jsonl").unlink()
    (collection / "photos" / "half.jpg").write_text("half")
    assert own_collection(lessons(corrections), tmp_path / "collections") == collection
    assert [image.path.read_bytes() for image in load_captions(collection).images] == [photo.read_bytes()]
    assert not (collection / "photos" / "half.jpg").exists()


def test_a_collection_goes_nowhere_near_other_files(photo: Path, tmp_path: Path) -> None:
    corrections = Corrections(tmp_path / "corrections")
    corrections.keep(made(photo, "Who is it?"), photo)
    before = photo.read_bytes()
    with pytest.raises(SpinVlmError, match="isn't empty"):
        write_collection(lessons(corrections), photo.parent)
    with pytest.raises(SpinVlmError, match="can't be written"):
        write_collection(lessons(corrections), photo / "below a file")
    assert photo.read_bytes() == before
