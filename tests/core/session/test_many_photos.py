"""One question about many photos."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.answers import Answer, AnswerRequest
from core.errors import ImageError
from core.session import ModelSession
from tests.core.session.asking import QUESTION, SHORT, SPIN, photo, token_ids


def test_many_photos_get_the_answers_that_each_gets_alone(session: ModelSession, request_: AnswerRequest) -> None:
    photos = [photo(seed) for seed in range(5)]
    results = list(session.answer_many(photos, QUESTION, spin=SPIN, generation=SHORT, batch_size=2))
    assert [image for image, _ in results] == photos
    for image, answer in results:
        assert isinstance(answer, Answer)
        alone = session.answer(replace(request_, image=image, spin=SPIN))
        assert token_ids(answer) == token_ids(alone)
        assert (answer.text, answer.finish) == (alone.text, alone.finish)
        for in_batch, single in zip(answer.tokens, alone.tokens, strict=True):
            np.testing.assert_array_equal(in_batch.head_gate, single.head_gate)
            np.testing.assert_allclose(in_batch.patch_attention, single.patch_attention, atol=1e-5)


def test_a_bad_file_among_many_gives_its_own_error_and_the_others_go_on(
    session: ModelSession, tmp_path: Path, encoded: list[int]
) -> None:
    broken, twin = tmp_path / "broken.jpg", tmp_path / "twin.jpg"
    for path in (broken, twin):
        path.write_bytes(b"not a photo")
    images = [photo(0), broken, photo(1), twin, tmp_path / "missing.png", photo(0)]
    results = list(session.answer_many(images, QUESTION, generation=SHORT, batch_size=6))
    assert [image for image, _ in results] == images
    assert [type(result) for _, result in results] == [Answer, ImageError, Answer, ImageError, ImageError, Answer]
    assert "broken.jpg" in str(results[1][1])
    assert "twin.jpg" in str(results[3][1])
    assert encoded == [2]  # the photo that comes twice is encoded once


def test_a_batch_of_bad_files_gives_an_error_for_each(session: ModelSession) -> None:
    results = list(session.answer_many([b"x", b"y"], QUESTION))
    assert all(isinstance(result, ImageError) for _, result in results)
    assert list(session.answer_many([], QUESTION)) == []


def test_stopping_many_ends_after_the_answers_that_are_done(session: ModelSession) -> None:
    stop = threading.Event()
    results: list[object] = []
    photos = [photo(seed) for seed in range(4)]
    for result in session.answer_many(photos, QUESTION, generation=SHORT, batch_size=2, should_stop=stop.is_set):
        results.append(result)
        stop.set()
    assert len(results) == 2
