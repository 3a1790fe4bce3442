"""What is written of photos is what is read back, by the readers of training too."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from training.data.caption_layouts import find_caption_file
from training.data.entities import Box
from training.data.known_objects import read_known_objects
from training.data.photo_notes import collection_text as text
from training.data.photo_notes.notes import MarkedObject, can_be_named, clean_text
from training.data.qa_pair import QaPair
from training.data.ready_pairs import find_questions

CAPTIONS = st.text(max_size=60).map(clean_text).filter(lambda caption: caption and not caption.startswith("["))


@given(st.lists(CAPTIONS, min_size=1, max_size=4, unique=True), st.text(max_size=20))
def test_captions_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, captions: list[str], stem: str) -> None:
    name = f"a/{stem}.jpg" if can_be_named(f"a/{stem}.jpg") else "1.jpg"
    folder = tmp_path_factory.mktemp("collection")
    path = folder / text.CAPTIONS_FILE
    path.write_text(text.CAPTIONS_HEAD + text.caption_lines(name, captions), encoding="utf-8", newline="")
    assert text.read_captions(path) == {name: tuple(captions)}
    found = find_caption_file(folder)
    assert found is not None
    assert found.texts == {name: captions}


def test_a_row_that_would_be_lost_is_refused(tmp_path: Path) -> None:
    path = tmp_path / text.CAPTIONS_FILE
    path.write_text(text.CAPTIONS_HEAD + "1.jpg,A dog\n2.jpg,\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 3"):
        text.read_captions(path)


def test_questions_come_back_with_all_that_people_said(tmp_path: Path) -> None:
    pairs = (
        QaPair("1.jpg", "Which flag is up?", "red", "flag"),
        QaPair("1.jpg", "What is it?", "tree", "other", (("tree", 5), ("log", 3))),
    )
    path = tmp_path / "questions.jsonl"
    path.write_text(text.question_lines("1.jpg", pairs), encoding="utf-8")
    assert text.read_questions(path) == {"1.jpg": pairs}
    assert find_questions(tmp_path).pairs == {"1.jpg": list(pairs)}


def test_boxes_come_back_and_say_nothing_of_what_else_there_is(tmp_path: Path) -> None:
    marked = (MarkedObject("dog", Box(0.1, 0.2, 0.3, 0.45678)), MarkedObject("a thing of no lexicon"))
    path = tmp_path / "objects.jsonl"
    path.write_text(text.object_lines("1.jpg", marked), encoding="utf-8")
    assert text.read_objects(path) == {"1.jpg": marked}
    assert read_known_objects(tmp_path).present == {}
    path.write_text('{"image": "2.jpg", "objects": ["dog"]}\n' + text.object_lines("1.jpg", marked), encoding="utf-8")
    assert read_known_objects(tmp_path).present == {"2.jpg": {"dog", "animal"}}, "a line that names everything still counts"


@pytest.mark.parametrize("box", ["[0.5, 0, 0.2, 1]", "[0, 0, 1]", '["a", 0, 1, 1]', "[0, 0, 2, 1]", "7"])
def test_what_is_no_box_is_named_by_its_line(tmp_path: Path, box: str) -> None:
    path = tmp_path / "objects.jsonl"
    path.write_text(f'{{"image": "1.jpg", "objects": [{{"name": "dog", "box": {box}}}]}}\n', encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        text.read_objects(path)
