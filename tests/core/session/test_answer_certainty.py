"""How sure a session is of its answers, and the guesses that it holds back."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.answers import Answer, AnswerRequest
from core.certainty import DECLINED_BELOW, DIGITS, POOLED, CertaintyCurve, MeasuredCertainty
from core.config import GenerationConfig, SpinConfig
from core.files.checkpoint import ModelFile
from core.session import ModelSession
from tests.core.session.asking import QUESTION, SHORT, SPIN, token_ids


def with_certainty(file: ModelFile, share: float, *, spin: SpinConfig | None = None) -> ModelSession:
    """A session that takes every answer to be right so often."""
    curves = {name: CertaintyCurve((0.0,), (share,), 100) for name in (POOLED, "yes_no: yes", "yes_no: no")}
    measured = MeasuredCertainty(("dogs",), 10, 100, curves, spin)
    info = replace(file.info, calibration={"certainty": measured.to_dict()})
    return ModelSession(replace(file, info=info), device=torch.device("cpu"), cache_images=2)


def test_a_measured_certainty_comes_with_every_answer_that_is_made_as_those_it_was_measured_on(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    session, asked = with_certainty(loaded, 0.75), replace(request_, question="Is there a dog?")
    assert session.answer(asked).certainty == 0.75
    ((_, together),) = session.answer_many([asked.image], asked.question, generation=SHORT)
    assert isinstance(together, Answer)
    assert together.certainty == 0.75
    for changed in (
        replace(asked, spin=SPIN), replace(asked, ablated_heads=frozenset({(0, 1)})), replace(asked, free_form=True),
        replace(asked, generation=GenerationConfig("sampling", seed=1)),
        replace(asked, generation=GenerationConfig(repetition_penalty=1.5)),
    ):
        assert session.answer(changed).certainty is None
    under_spin = with_certainty(loaded, 0.75, spin=SPIN)
    assert (under_spin.answer(replace(asked, spin=SPIN)).certainty, under_spin.answer(asked).certainty) == (0.75, None)


def test_an_answer_that_is_too_uncertain_is_a_guess_that_nobody_sees_unasked(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    asked = replace(request_, question="Is there a dog?")
    plain = ModelSession(loaded, device=torch.device("cpu")).answer(asked)
    stream = with_certainty(loaded, DECLINED_BELOW - 0.01).stream_answer(asked)
    assert list(stream) == []
    guess, least = stream.answer(), round(DECLINED_BELOW - 0.01, DIGITS)
    assert guess.declined is not None
    assert guess.declined.has_guess
    assert (guess.text, token_ids(guess), guess.certainty) == (plain.text, token_ids(plain), least)
    given = with_certainty(loaded, DECLINED_BELOW).stream_answer(asked)
    assert [token.token_id for token in given] == token_ids(plain)
    assert given.answer().declined is None


def test_free_answers_are_never_held_back_and_a_cut_answer_has_no_certainty(
    loaded: ModelFile, request_: AnswerRequest
) -> None:
    session = with_certainty(loaded, 0.1)
    for question in ("Describe the image.", QUESTION):
        answer = session.answer(replace(request_, question=question))
        assert answer.finish == "length"
        assert (answer.certainty, answer.declined) == (None, None)
