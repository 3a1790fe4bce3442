"""A session's answers to one question about one photo."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.answers import Answer, AnswerRequest, AnswerToken, PreviousTurn
from core.config import GenerationConfig
from core.session import ModelSession
from core.text.question_kinds.answer_form import COLOURS, NUMBERS
from tests.core.session.asking import QUESTION, SHORT, SPIN, photo, token_ids


def test_a_question_about_a_photo_gets_a_streamed_answer(session: ModelSession, request_: AnswerRequest) -> None:
    stream = session.stream_answer(request_)
    tokens = list(stream)
    answer = stream.answer()
    assert [token.index for token in tokens] == list(range(len(tokens)))
    assert all(token.request_id == 7 for token in tokens)
    assert answer.tokens == tuple(tokens)
    assert answer.text == "".join(token.text for token in tokens) != ""
    assert answer.finish == "length"
    assert answer.question == QUESTION
    assert answer.seconds > 0
    assert answer.log_probability == pytest.approx(sum(np.log(token.probability) for token in tokens), rel=1e-5)


def test_every_token_carries_what_the_heads_did(session: ModelSession, request_: AnswerRequest) -> None:
    for token in session.answer(replace(request_, spin=SPIN)).tokens:
        assert token.image_mass.shape == token.head_gate.shape == token.class_attention.shape == (3, 4)
        assert token.patch_attention.shape == (3, 4, 2, 2)
        arrays = (token.image_mass, token.head_gate, token.patch_attention, token.class_attention)
        assert all(array.dtype == np.float32 for array in arrays)
        on_image = token.patch_attention.sum((-1, -2)) + token.class_attention
        np.testing.assert_allclose(on_image, token.image_mass, atol=1e-6)
        assert (token.head_gate.sum(-1) == 1).all()
        assert (token.image_mass.argmax(-1) == token.head_gate.argmax(-1)).all()
        assert 0 < token.probability <= 1


@pytest.mark.parametrize(("question", "answers"), [
    ("Is there a dog?", {"yes", "no"}), ("is it red or blue", {"red", "blue"}),
    ("How many people are there?", {*NUMBERS}),
    ("What colour is the car?", {*COLOURS, *(f"{one} and {other}" for one in COLOURS for other in COLOURS if one != other)}),
])
@pytest.mark.parametrize("generation", [SHORT, GenerationConfig("sampling", seed=1, max_tokens=1), GenerationConfig("beam")])
def test_an_answer_has_the_form_that_was_asked_for(
    session: ModelSession, request_: AnswerRequest, question: str, answers: set[str], generation: GenerationConfig
) -> None:
    for spin in (None, SPIN):
        for seed in range(2):
            request = replace(request_, image=photo(seed), question=question, generation=generation, spin=spin)
            answer = session.answer(request)
            assert answer.text.strip() in answers
            assert answer.finish == "end"
            assert answer.log_probability == pytest.approx(sum(np.log(token.probability) for token in answer.tokens), rel=1e-4)
            assert all((token.head_gate.sum(-1) == (4 if spin is None else 1)).all() for token in answer.tokens)
            ((_, together),) = session.answer_many([photo(seed)], question, generation=generation, spin=spin)
            assert isinstance(together, Answer)
            assert token_ids(together) == token_ids(answer)


def test_the_model_is_asked_in_plain_words_and_the_answer_keeps_what_was_typed(
    session: ModelSession, request_: AnswerRequest
) -> None:
    answer = session.answer(replace(request_, question="whats teh man doing pls"))
    assert (answer.question, answer.asked) == ("whats teh man doing pls", QUESTION)
    assert token_ids(answer) == token_ids(session.answer(request_))
    assert answer.certainty is None, "it was never measured"
    assert not answer.is_sentence
    assert session.answer(replace(request_, question="whats in teh photo")).is_sentence


def test_a_follow_up_is_about_what_was_named_before(session: ModelSession, request_: AnswerRequest) -> None:
    follow_up = replace(request_, question="what colour is it?", earlier=(PreviousTurn("What is on the table?", "a cup"),))
    answer = session.answer(follow_up)
    assert (answer.question, answer.asked) == ("what colour is it?", "What color is the cup?")
    then = replace(request_, question="and the plate?", earlier=(PreviousTurn(answer.asked, answer.text.strip()),))
    assert session.answer(then).asked == "What color is the plate?"
    assert session.answer(replace(then, earlier=())).declined is not None


def test_a_free_form_question_is_asked_as_it_was_typed(session: ModelSession, request_: AnswerRequest) -> None:
    for question in ("hello", "Is there a dog?"):
        free = session.answer(replace(request_, question=question, free_form=True))
        assert (free.asked, free.declined) == (question, None)
        assert free.finish == "length"
        ((_, together),) = session.answer_many([request_.image], question, generation=SHORT, free_form=True)
        assert isinstance(together, Answer)
        assert token_ids(together) == token_ids(free)


def test_no_answer_depends_on_an_earlier_question(
    session: ModelSession, request_: AnswerRequest, model_path: Path
) -> None:
    beam = GenerationConfig("beam", beam_width=3, max_tokens=8)
    for earlier in (
        replace(request_, spin=SPIN), replace(request_, generation=beam), replace(request_, image=photo(1)),
        replace(request_, ablated_heads=frozenset({(0, 0), (1, 1)})),
    ):
        session.answer(earlier)
    fresh = ModelSession.load(model_path, device="cpu", threads=1).answer(request_)  # as many as the session
    after = session.answer(request_)
    assert token_ids(after) == token_ids(fresh)
    assert after.log_probability == fresh.log_probability


def test_stopping_takes_effect_within_one_token(session: ModelSession, request_: AnswerRequest) -> None:
    stop = threading.Event()
    stream = session.stream_answer(request_, should_stop=stop.is_set)
    first = [next(stream), next(stream)]
    stop.set()
    assert list(stream) == []
    answer = stream.answer()
    assert answer.finish == "stopped"
    assert answer.tokens == tuple(first)


def test_a_stop_before_the_start_encodes_nothing(
    session: ModelSession, request_: AnswerRequest, encoded: list[int]
) -> None:
    answer = session.answer(request_, should_stop=lambda: True)
    assert answer.finish == "stopped"
    assert answer.tokens == ()
    assert encoded == []


def test_a_half_read_stream_does_not_disturb_another(session: ModelSession, request_: AnswerRequest) -> None:
    expected = token_ids(session.answer(request_))
    streams: list[Iterator[AnswerToken]] = [
        session.stream_answer(request_), session.stream_answer(replace(request_, spin=SPIN))
    ]
    taken = [[next(stream) for stream in streams] for _ in range(4)]
    assert [pair[0].token_id for pair in taken] == expected[:4]
