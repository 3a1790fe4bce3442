"""Of the answers that fit, the model gives the one that it finds most probable as a whole, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.config import GenerationConfig, SpinConfig
from core.decoding.allowed_answers import MOST_BEAMS, MOST_SCORED, AllowedAnswers
from core.decoding.generation import AnswerSettings, GeneratedAnswer, generate_batch
from core.decoding.token_choice import AnswerAlphabet
from core.model.head_settings import HeadSettings
from core.model.vlm import VisionLanguageModel
from tests.core.conftest import END

QUESTION = [7, 8, 9, 2, 11]
SPIN = SpinConfig(keep=1, alpha=0.0)
GREEDY, SAMPLED, BEAM = GenerationConfig(), GenerationConfig("sampling", seed=3), GenerationConfig("beam", beam_width=2)


def answer_lists(longest: int) -> st.SearchStrategy[list[list[int]]]:
    answers = st.lists(st.integers(5, 39), min_size=1, max_size=4).map(tuple)
    lists = st.lists(answers, min_size=2, max_size=longest, unique=True)
    return lists.map(lambda answers: [[*answer, END] for answer in answers])


def chosen(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor, answers: Sequence[Sequence[int]], *,
    wanted: GenerationConfig = GREEDY, spin: SpinConfig | None = None,
) -> list[GeneratedAnswer]:
    """The answer about each photo."""
    allowed = AllowedAnswers.of_tokens(answers)
    how = AnswerSettings(alphabet, allowed.generation(wanted), HeadSettings(spin, record=True), allowed)
    return [answer for (answer,) in generate_batch(model, features, [[QUESTION]] * len(features), how)]


def log_probability(model: VisionLanguageModel, features: Tensor, start_id: int, answer: Sequence[int]) -> float:
    """Of the whole answer after the question, in one pass over all of its tokens."""
    question = torch.tensor(QUESTION)[None, None]
    with torch.inference_mode():
        memory = model.keys_values(model.memory(features[None], question, torch.zeros_like(question, dtype=torch.bool)))
        hidden = model.decode(torch.tensor([start_id, *answer[:-1]])[None, None], memory).hidden
        logits = model.logits(hidden).float().log_softmax(-1)[0, 0]  # [T, V]
    return float(logits.gather(-1, torch.tensor(answer)[:, None]).sum())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(
    st.tuples(answer_lists(MOST_SCORED), st.just(GREEDY)), st.tuples(answer_lists(MOST_BEAMS), st.sampled_from([SAMPLED, BEAM]))
))
def test_the_most_probable_whole_answer_is_given(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor,
    asked: tuple[list[list[int]], GenerationConfig],
) -> None:
    answers, wanted = asked
    (found,) = chosen(model, alphabet, features[:1], answers, wanted=wanted)
    scores = [log_probability(model, features[0], alphabet.start_id, answer) for answer in answers]
    assert found.token_ids in answers
    assert found.finish == "end"
    total = sum(token.log_probability for token in found.tokens)
    assert total == pytest.approx(max(scores), abs=1e-4)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer_lists(12), st.sampled_from([GREEDY, SAMPLED, BEAM]), st.sampled_from([None, SPIN]))
def test_many_photos_get_what_each_gets_alone(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor, answers: list[list[int]],
    wanted: GenerationConfig, spin: SpinConfig | None,
) -> None:
    together = chosen(model, alphabet, features, answers, wanted=wanted, spin=spin)
    alone = [
        chosen(model, alphabet, photo[None], answers, wanted=wanted, spin=spin)[0] for photo in features
    ]
    assert [answer.token_ids for answer in together] == [answer.token_ids for answer in alone]
    assert all(answer.token_ids in answers for answer in together)


def test_each_token_has_the_record_of_its_heads(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor
) -> None:
    answers = [[5, 6, END], [7, END], [8, 9, 10, END]]
    for spin, kept in ((None, 4), (SPIN, 1)):
        for answer in chosen(model, alphabet, features, answers, spin=spin):
            for token in answer.tokens:
                assert token.heads is not None
                assert (token.heads.gate.sum(-1) == kept).all()


def test_suppression_that_changes_nothing_gives_the_same_answer_bit_for_bit(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor
) -> None:
    answers = [[token, END] for token in range(5, 39)]
    off = chosen(model, alphabet, features, answers)
    for spin in (SpinConfig(keep=1, alpha=1.0), SpinConfig(keep=4)):
        on = chosen(model, alphabet, features, answers, spin=spin)
        for one, other in zip(off, on, strict=True):
            assert [(t.token_id, t.log_probability) for t in one.tokens] == [
                (t.token_id, t.log_probability) for t in other.tokens
            ]


def test_limits_and_penalties_of_free_answers_do_not_cut_or_forbid_an_answer(
    model: VisionLanguageModel, alphabet: AnswerAlphabet, features: Tensor
) -> None:
    few = [[5, 5, 5, 5, END], [6, 6, 6, 6, END]]
    strict = replace(GREEDY, max_tokens=1, no_repeat_ngram=1, repetition_penalty=9.0)
    for answers in (few, [*few, *([token] * 3 + [END] for token in range(7, 20))]):
        found = chosen(model, alphabet, features, answers, wanted=strict)
        assert all(answer.token_ids in answers for answer in found)
        assert not np.isinf([token.log_probability for answer in found for token in answer.tokens]).any()
