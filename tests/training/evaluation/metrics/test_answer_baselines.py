from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.metrics.answer_baselines import chance_scores, majority_answers
from training.evaluation.metrics.vqa_metrics import normalised_answer, token_f1

KNOWN = [
    ("presence", "yes"), ("presence", "yes"), ("presence", "yes"), ("presence", "no"),
    ("count", "two"), ("count", "2"), ("count", "three"),
    ("who", "woman"), ("who", "woman"), ("who", "a man"), ("who", "the man"),
]


def test_the_majority_answer_is_the_commonest_after_normalisation() -> None:
    assert majority_answers(KNOWN) == {"presence": "yes", "count": "2", "who": "man"}  # man and woman: by the alphabet
    assert majority_answers([]) == {}


def test_chance_is_the_mean_over_all_draws() -> None:
    kinds = ["presence", "presence", "count", "where"]
    scores = chance_scores(KNOWN, kinds, ["yes", "no", "three", "on the beach"])
    presence = scores["presence"]
    assert (presence.count, presence.exact, presence.yes_rate, presence.invalid) == (2, 50.0, 75.0, 0)
    assert scores["count"].exact == pytest.approx(100 / 3)
    assert (scores["where"].exact, scores["where"].token_f1) == (0.0, 0.0)  # no answer is known for it
    assert (scores["where"].yes_rate, scores["where"].invalid) == (None, None)
    assert set(scores) == set(kinds)


def test_known_answers_that_are_neither_yes_nor_no_are_counted() -> None:
    known = [("presence", "yes"), ("presence", "perhaps")]
    assert chance_scores(known, ["presence"] * 4, ["yes"] * 4)["presence"].invalid == 2


WORDS = st.sampled_from(["the", "red", "dog", "in", "snow"])
ANSWERS = st.lists(st.lists(WORDS, max_size=4).map(" ".join), min_size=1, max_size=8)


@given(ANSWERS, ANSWERS)
def test_chance_f1_is_the_mean_over_every_pair(drawn: list[str], asked: list[str]) -> None:
    words = [[normalised_answer(answer, kind="who").split() for answer in answers] for answers in (asked, drawn)]
    every = [token_f1(expected, said) for expected in words[0] for said in words[1]]
    score = chance_scores([("who", answer) for answer in drawn], ["who"] * len(asked), asked)["who"]
    assert score.token_f1 == pytest.approx(100 * sum(every) / len(every))
    assert score.exact == pytest.approx(100 * sum(a == b for a in words[0] for b in words[1]) / len(every))
