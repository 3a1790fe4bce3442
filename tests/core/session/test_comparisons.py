"""Answers with and without head suppression, side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.answers import AnswerRequest
from core.config import SpinConfig
from core.errors import ConfigError
from core.session import ModelSession
from tests.core.session.asking import SHORT, SPIN, token_ids


def test_a_comparison_shows_the_first_token_that_differs(session: ModelSession, request_: AnswerRequest) -> None:
    comparison = session.compare(replace(request_, spin=SPIN))
    baseline, spin, divergence = comparison.baseline, comparison.spin, comparison.divergence
    assert token_ids(baseline) == token_ids(session.answer(request_))
    assert token_ids(spin) == token_ids(session.answer(replace(request_, spin=SPIN)))
    assert divergence is not None
    at = divergence.index
    assert token_ids(baseline)[:at] == token_ids(spin)[:at]
    off, on = baseline.tokens[at], spin.tokens[at]
    assert off.token_id != on.token_id
    assert (divergence.baseline_text, divergence.baseline_probability) == (off.text, off.probability)
    assert (divergence.spin_text, divergence.spin_probability) == (on.text, on.probability)


def test_suppression_that_changes_nothing_has_no_divergence(session: ModelSession, request_: AnswerRequest) -> None:
    comparison = session.compare(replace(request_, spin=SpinConfig(keep=4)))
    assert comparison.divergence is None
    assert comparison.baseline.log_probability == comparison.spin.log_probability


def test_a_comparison_of_sampled_answers_draws_alike_also_without_a_seed(
    session: ModelSession, request_: AnswerRequest
) -> None:
    sampled = replace(request_, spin=SpinConfig(keep=4), generation=replace(SHORT, method="sampling", temperature=9.0))
    assert session.compare(sampled).divergence is None
    assert token_ids(session.answer(sampled)) != token_ids(session.answer(sampled))


def test_a_comparison_without_suppression_settings_is_refused(session: ModelSession, request_: AnswerRequest) -> None:
    with pytest.raises(ConfigError, match="head suppression"):
        session.compare(request_)
