"""Photos that a session looks at: encoded once, read again when they change, and refused where they can't be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.answers import AnswerRequest
from core.errors import ImageError
from core.session import ModelSession
from tests.core.session.asking import photo, token_ids


def test_a_path_and_the_files_bytes_give_the_same_answer(
    session: ModelSession, request_: AnswerRequest, tmp_path: Path
) -> None:
    path = tmp_path / "Füße 🐎.png"
    path.write_bytes(photo(0))
    assert token_ids(session.answer(replace(request_, image=path))) == token_ids(session.answer(request_))


def test_a_photo_is_encoded_once_for_many_questions(
    session: ModelSession, request_: AnswerRequest, encoded: list[int]
) -> None:
    for question in ("What is this?", "Who is there?", "What is this?"):
        session.answer(replace(request_, question=question))
    assert encoded == [1]


def test_the_photos_used_last_stay_encoded(session: ModelSession, request_: AnswerRequest, encoded: list[int]) -> None:
    for seed in (0, 1, 0, 2, 0, 1):  # room for two: 2 displaces 1, not 0
        session.answer(replace(request_, image=photo(seed)))
    assert encoded == [1] * 4


def test_a_file_that_changes_under_its_name_is_encoded_again(
    session: ModelSession, request_: AnswerRequest, tmp_path: Path, encoded: list[int]
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(photo(0))
    first = session.answer(replace(request_, image=path))
    path.write_bytes(photo(1))
    second = session.answer(replace(request_, image=path))
    assert len(encoded) == 2
    assert not np.array_equal(first.tokens[0].image_mass, second.tokens[0].image_mass)


def test_an_unreadable_photo_raises_when_it_is_needed_and_the_session_goes_on(
    session: ModelSession, request_: AnswerRequest
) -> None:
    with pytest.raises(ImageError, match="doesn't exist"):
        session.answer(replace(request_, image=Path("no such file.jpg")))
    with pytest.raises(ImageError, match="isn't an image"):
        session.answer(replace(request_, image=b"text"))
    assert session.answer(request_).tokens
