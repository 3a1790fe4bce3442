from __future__ import annotations

import pytest

from training.evaluation.metrics.vqa_metrics import answer_accuracy, normalised_answer, token_f1


@pytest.mark.parametrize(
    ("answer", "kind", "normalised"),
    [
        ("A red shirt.", "wearing", "red shirt"),
        ("Two", "count", "2"),
        ("2", "count", "2"),
        ("Yes, there is a dog.", "presence", "yes"),
        ("no", "presence", "no"),
        ("maybe", "presence", "maybe"),
        ("yes man", "who", "yes man"),
        ("t-shirt", "wearing", "t-shirt"),
        ("'red' - \"and blue\"", "colour", "red and blue"),
        ("the man\u2019s dog", "who", "man's dog"),
        ("Yes - a dog", "presence", "yes"),
        ("twelve", "count", "12"),
        ("", "who", ""),
    ],
)
def test_answers_are_compared_after_normalisation(answer: str, kind: str, normalised: str) -> None:
    assert normalised_answer(answer, kind=kind) == normalised


def test_f1_counts_shared_words() -> None:
    assert token_f1(["red", "shirt"], ["red", "coat"]) == pytest.approx(0.5)
    assert token_f1(["a"], []) == 0.0
    assert token_f1([], []) == 1.0


def test_each_kind_is_scored_by_itself() -> None:
    kinds = ["presence"] * 4 + ["colour", "where"]
    expected = ["yes", "no", "no", "yes", "red", "on the beach"]
    predicted = ["Yes.", "yes", "no", "a dog", "blue", "on a beach"]
    scores = answer_accuracy(kinds, expected, predicted)
    presence = scores["presence"]
    assert (presence.count, presence.exact, presence.yes_rate, presence.invalid) == (4, 50.0, 50.0, 1)
    assert (scores["colour"].exact, scores["where"].exact) == (0.0, 100.0)
    assert scores["colour"].yes_rate is None
