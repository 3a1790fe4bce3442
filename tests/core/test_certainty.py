"""From a model's own probability of an answer to how likely it is right."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from core.certainty import (
    DECLINED_BELOW,
    FAIRLY_SURE_FROM,
    OTHER_YES_NO,
    POOLED,
    SURE_FROM,
    CertaintyCurve,
    MeasuredCertainty,
    certainty_in,
    curve_name,
    is_held_back,
    level_of,
    signal_of,
)
from core.config import SpinConfig
from core.errors import ConfigError
from core.text.question_kinds.kinds import QuestionKind

RISING = CertaintyCurve((-4.0, -2.0, -1.0), (0.2, 0.4, 0.9), 120)
YES = CertaintyCurve((-1.0, 0.0), (0.5, 0.6), 80)
MEASURED = MeasuredCertainty(
    ("walks", "dogs"), 40, 300, {POOLED: RISING, "yes_no: yes": YES, "describe": CertaintyCurve((-1.0, -0.5), (0.1, 0.7), 90)},
    SpinConfig(keep=2), {"right": 61.5},
)


def test_a_curve_is_straight_between_its_points_and_level_beyond_them() -> None:
    found = [RISING.at(signal) for signal in (-90.0, -4.0, -3.0, -2.0, -1.5, -1.0, 0.0)]
    assert found == pytest.approx([0.2, 0.2, 0.3, 0.4, 0.65, 0.9, 0.9])


def test_yes_has_a_curve_of_its_own_and_kinds_without_one_share_one() -> None:
    assert MEASURED.of("yes_no", "Is there a dog?", "yes", -0.5) == pytest.approx(0.55)
    assert MEASURED.of("yes_no", "Is there a dog?", "no", -3.0) == pytest.approx(0.3)
    assert MEASURED.of("count", "How many dogs are there?", "three", -3.0) == pytest.approx(0.3)


@pytest.mark.parametrize(("question", "is_one"), [
    ("Are there any trees in the picture?", True), ("Can you see a dog?", True), ("Does the image show a car?", True),
    ("Is the man happy?", False), ("Does the dog see a man?", False), ("Is it raining there?", False),
])
def test_whether_something_is_there_is_another_kind_of_yes_no_question_than_all_others(question: str, is_one: bool) -> None:
    assert (curve_name("yes_no", "yes", question) == "yes_no: yes") == is_one
    assert (curve_name("yes_no", "no", question) == OTHER_YES_NO) != is_one


def test_a_choice_is_judged_by_its_share_and_by_no_other_kinds_curve() -> None:
    assert signal_of("either_or", -7.5, tokens=2, log_share=-0.25) == -0.25
    assert signal_of("either_or", -7.5, tokens=2, log_share=None) is None
    assert signal_of("count", -7.5, tokens=2, log_share=-0.25) == -7.5
    assert MEASURED.of("either_or", "Is it a cat or a dog?", "a dog", -0.25) is None
    own = replace(MEASURED, curves={**MEASURED.curves, "either_or": CertaintyCurve((-0.7, 0.0), (0.5, 0.8), 70)})
    assert own.of("either_or", "Is it a cat or a dog?", "a dog", -0.35) == pytest.approx(0.65)


def test_a_description_is_judged_by_its_average_word_so_that_a_long_one_may_be_certain() -> None:
    short, long = (signal_of("describe", of_all, tokens=tokens, log_share=-0.1) for of_all, tokens in ((-6.0, 8), (-12.0, 16)))
    assert short == long == -0.75
    assert MEASURED.of("describe", "Describe the image.", "a dog", -0.75) == pytest.approx(0.4)


def test_what_a_model_file_says_is_read_as_it_was_written() -> None:
    text = json.dumps({"spin": None, "certainty": MEASURED.to_dict()})
    assert certainty_in(json.loads(text)) == MEASURED


@pytest.mark.parametrize("damage", [
    None, 3, {}, {"curves": {}}, {"curves": {POOLED: {"signals": [1, 0], "shares": [0, 1], "questions": 3}}},
    {"curves": {POOLED: {"signals": [0, 1], "shares": [0.5, 1.5], "questions": 3}}},
    {"curves": {POOLED: {"signals": [0, 1], "shares": [0.5, math.nan], "questions": 3}}},
    {"curves": {"count": RISING.to_dict()}}, {"photos": "many"}, {"spin": {"keep": -1}}, {"figures": {"right": "most"}},
])
def test_a_certainty_that_cannot_be_read_was_never_measured(damage: Any) -> None:
    values = {**MEASURED.to_dict(), **damage} if isinstance(damage, dict) and damage else damage
    assert certainty_in({"certainty": values}) is None


def test_a_model_without_it_was_never_measured() -> None:
    assert certainty_in(None) is None
    assert certainty_in({"spin": None}) is None


def test_a_curve_that_falls_or_has_no_points_is_refused() -> None:
    for signals, shares in (((), ()), ((0.0, 1.0), (0.6, 0.5)), ((0.0,), (0.1, 0.2)), ((1.0, 1.0), (0.1, 0.2))):
        with pytest.raises(ConfigError):
            CertaintyCurve(signals, shares, 1)


def test_only_kinds_with_one_short_answer_are_held_back() -> None:
    low = DECLINED_BELOW - 0.01
    kinds: list[QuestionKind | None] = ["yes_no", "either_or", "count", "colour", "doing", "where", "describe", None]
    assert [is_held_back(kind, low) for kind in kinds] == [True] * 4 + [False] * 4
    assert not is_held_back("count", DECLINED_BELOW)
    assert not is_held_back("count", None)


def test_levels_follow_from_the_certainty_alone() -> None:
    below = 1e-9
    assert [level_of(c) for c in (1.0, SURE_FROM, SURE_FROM - below, FAIRLY_SURE_FROM, FAIRLY_SURE_FROM - below, 0.0)] == [
        "sure", "sure", "fairly_sure", "fairly_sure", "not_sure", "not_sure",
    ]
