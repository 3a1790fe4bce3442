"""Filters, penalties, and sampling by hand-made logits."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.config import GenerationConfig
from core.decoding.token_choice import (
    AnswerAlphabet,
    LogitFilter,
    TokenChooser,
    ngram_endings,
    penalise_repetition,
    sample,
)

PROBABILITIES = torch.tensor([0.1, 0.4, 0.2, 0.3])


def sampling(*, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, seed: int | None = 0) -> GenerationConfig:
    return GenerationConfig("sampling", temperature=temperature, top_k=top_k, top_p=top_p, seed=seed)


def drawn(generation: GenerationConfig, *, draws: int = 1000) -> list[float]:
    """How often each token is drawn, by evenly spaced draws."""
    logits = PROBABILITIES.log().expand(draws, -1)
    ids = sample(logits, (torch.arange(draws) + 0.5) / draws, generation=generation)
    return (torch.bincount(ids, minlength=4) / draws).tolist()


def test_sampling_follows_the_models_probabilities() -> None:
    assert drawn(sampling()) == pytest.approx(PROBABILITIES.tolist(), abs=2e-3)


def test_top_k_keeps_the_k_most_probable_tokens() -> None:
    assert drawn(sampling(top_k=2)) == pytest.approx([0, 4 / 7, 0, 3 / 7], abs=2e-3)
    assert drawn(sampling(top_k=1)) == [0, 1, 0, 0]
    assert drawn(sampling(top_k=99)) == drawn(sampling())


def test_top_p_keeps_the_smallest_set_that_reaches_p() -> None:
    assert drawn(sampling(top_p=0.69)) == pytest.approx([0, 4 / 7, 0, 3 / 7], abs=2e-3)
    assert drawn(sampling(top_p=0.71)) == pytest.approx([0, 4 / 9, 2 / 9, 3 / 9], abs=2e-3)
    assert drawn(sampling(top_p=1e-9)) == [0, 1, 0, 0]


def test_a_low_temperature_sharpens() -> None:
    squared = PROBABILITIES**2 / (PROBABILITIES**2).sum()
    assert drawn(sampling(temperature=0.5)) == pytest.approx(squared.tolist(), abs=2e-3)
    assert drawn(sampling(temperature=1e-3)) == [0, 1, 0, 0]


@given(draw=st.floats(0, 1, exclude_max=True, width=32), top_p=st.floats(0.01, 1), top_k=st.integers(0, 6))
def test_a_forbidden_token_is_never_drawn(draw: float, top_p: float, top_k: int) -> None:
    logits = torch.tensor([[1.0, -torch.inf, 0.5, -torch.inf, -2.0]])
    chosen = int(sample(logits, torch.tensor([draw]), generation=sampling(top_p=top_p, top_k=top_k)))
    assert chosen in (0, 2, 4)


def test_the_same_seed_draws_the_same_and_rows_draw_independently_of_each_other() -> None:
    def chosen(rows: list[int]) -> list[Tensor]:
        chooser = TokenChooser(sampling(seed=5), rows=3)
        return [chooser(torch.zeros(len(rows), 1000), rows) for _ in range(4)]

    assert all(torch.equal(a, b) for a, b in zip(chosen([0, 1, 2]), chosen([0, 1, 2]), strict=True))
    assert all(torch.equal(a[2:], b) for a, b in zip(chosen([0, 1, 2]), chosen([2]), strict=True))


def test_without_a_seed_answers_differ_and_torchs_own_generator_is_left_alone() -> None:
    state = torch.get_rng_state()
    first, second = (TokenChooser(sampling(seed=None), rows=1)(torch.zeros(1, 10**6), [0]) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(torch.get_rng_state(), state)


def test_the_repetition_penalty_makes_said_tokens_less_likely_whatever_their_sign() -> None:
    logits = torch.tensor([[2.0, -2.0, 1.0], [2.0, -2.0, 1.0]])
    penalise_repetition(logits, [[0, 1, 0], []], penalty=2.0)
    assert logits.tolist() == [[1.0, -4.0, 1.0], [2.0, -2.0, 1.0]]


@pytest.mark.parametrize(
    ("history", "length", "expected"),
    [
        ([1, 2, 3, 1, 2], 3, [3]),
        ([1, 2, 3, 1, 2], 2, [3]),
        ([1, 2, 3, 1, 2], 4, []),
        ([1, 2, 1, 3, 1], 2, [2, 3]),
        ([4, 4], 2, [4]),
        ([4], 2, []),
        ([4], 5, []),
        ([1, 2], 1, [1, 2]),
        ([], 1, []),
        ([], 3, []),
    ],
)
def test_a_token_that_would_repeat_an_ngram_is_found(history: list[int], length: int, expected: list[int]) -> None:
    assert ngram_endings(history, length=length) == expected


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(1, 4))
def test_taking_no_forbidden_token_means_no_ngram_occurs_twice(wishes: list[int], length: int) -> None:
    answer: list[int] = []
    for token in wishes:
        if token not in ngram_endings(answer, length=length):
            answer.append(token)
    ngrams = [tuple(answer[i : i + length]) for i in range(len(answer) - length + 1)]
    assert len(ngrams) == len(set(ngrams))


def test_the_filter_leaves_the_models_logits_alone_and_always_leaves_the_end_token(alphabet: AnswerAlphabet) -> None:
    generation = GenerationConfig(repetition_penalty=1.5, no_repeat_ngram=1)
    filtering = LogitFilter(generation, alphabet=alphabet, vocabulary_size=8, device=torch.device("cpu"))
    logits = torch.ones(1, 8)
    filtered = filtering(logits, [[5, 6, 7]])
    assert torch.equal(logits, torch.ones(1, 8))
    assert filtered.isfinite().nonzero().tolist() == [[0, alphabet.end_id]]


def test_an_answer_does_not_end_before_it_has_enough_tokens_and_may_then(alphabet: AnswerAlphabet) -> None:
    filtering = LogitFilter(
        GenerationConfig(), alphabet=alphabet, vocabulary_size=8, device=torch.device("cpu"), least_tokens=3
    )
    histories = [[5, 6], [5, 6, 7], []]
    for filtered in (filtering(torch.ones(3, 8), histories), filtering.log_probabilities(torch.ones(3, 8), histories)):
        assert filtered[:, alphabet.end_id].isfinite().tolist() == [False, True, False]
        assert filtered[:, 7].isfinite().all()
