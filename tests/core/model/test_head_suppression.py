"""SPIN as pure functions: which heads are kept, by which score."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import ModelConfig, SpinConfig
from core.errors import ConfigError
from core.model.head_suppression import head_gate, head_scores, image_mass, spin_gate
from core.model.interventions import validate_intervention

MODEL = ModelConfig(vocabulary_size=40, width=32, layers=3, heads=4).shape


def test_the_heads_of_highest_score_are_kept_and_the_others_get_alpha() -> None:
    gate = head_gate(torch.tensor([0.2, 0.9, 0.1, 0.5]), keep=2, alpha=0.25)
    assert gate.tolist() == [0.25, 1.0, 0.25, 1.0]


def test_of_equal_scores_the_lower_head_index_wins() -> None:
    assert head_gate(torch.tensor([0.5, 0.7, 0.5, 0.5]), keep=2, alpha=0.0).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert head_gate(torch.zeros(3, 64), keep=5, alpha=0.0).tolist() == [[1.0] * 5 + [0.0] * 59] * 3


@given(
    scores=st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=16), data=st.data(),
)
def test_exactly_k_heads_are_kept_and_none_that_is_left_out_scores_higher(
    scores: list[float], data: st.DataObject
) -> None:
    keep = data.draw(st.integers(1, len(scores)))
    gate = head_gate(torch.tensor(scores), keep=keep, alpha=0.0)
    kept = [score for score, factor in zip(scores, gate.tolist(), strict=True) if factor == 1.0]
    left_out = [score for score, factor in zip(scores, gate.tolist(), strict=True) if factor == 0.0]
    assert len(kept) == keep
    assert len(kept) + len(left_out) == len(scores)
    assert not left_out or min(kept) >= max(left_out)


@pytest.mark.parametrize(
    ("keep", "heads", "expected"),
    [(1.0, 8, 8), (0.95, 8, 7), (0.5, 8, 4), (0.1, 8, 1), (0.01, 8, 1), (3, 8, 3), (8, 8, 8), (1, 1, 1), (0.75, 4, 3)],
)
def test_a_keep_ratio_is_rounded_down_but_one_head_always_stays(keep: float, heads: int, expected: int) -> None:
    assert SpinConfig(keep=keep).heads_kept(heads) == expected


def test_the_layer_range_is_half_open() -> None:
    assert [SpinConfig(first_layer=1, last_layer=3).covers(layer) for layer in range(4)] == [False, True, True, False]
    assert [SpinConfig(first_layer=2).covers(layer) for layer in range(4)] == [False, False, True, True]
    assert not any(SpinConfig(first_layer=1, last_layer=1).covers(layer) for layer in range(4))


def test_image_mass_is_the_attention_on_class_token_and_patches_in_float32() -> None:
    attention = torch.rand(2, 4, 3, 1, 9).softmax(-1).to(torch.bfloat16)  # [B, H, G, T, M], 5 image tokens
    mass = image_mass(attention, image_tokens=5)
    assert mass.shape == (2, 3, 1, 4)
    assert mass.dtype == torch.float32
    torch.testing.assert_close(mass[1, 2, 0, 3], attention[1, 3, 2, 0, :5].float().sum())


def test_the_logits_score_sums_pre_softmax_scores_over_the_image_and_can_choose_other_heads() -> None:
    # Head 0 has the higher scores on the image, but higher ones still on the question.
    logits = torch.tensor([[5.0, 5.0, 9.0], [1.0, 1.0, -9.0]]).view(1, 2, 1, 1, 3)
    mass = image_mass(logits.softmax(-1), image_tokens=2)
    scores = head_scores(logits, mass, image_tokens=2, score="logits")
    assert scores.flatten().tolist() == [10.0, 2.0]
    by_logits = spin_gate(logits, mass, image_tokens=2, spin=SpinConfig(keep=1, score="logits"))
    by_mass = spin_gate(logits, mass, image_tokens=2, spin=SpinConfig(keep=1, score="mass"))
    assert by_logits.flatten().tolist() == [1.0, 0.0]
    assert by_mass.flatten().tolist() == [0.0, 1.0]


def test_head_suppression_that_does_not_fit_the_model_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError, match="at most the model's 4 heads, got 5"):
        validate_intervention(MODEL, SpinConfig(keep=5))
    with pytest.raises(ConfigError, match="starts at layer 3, but the model's layers are 0 to 2"):
        validate_intervention(MODEL, SpinConfig(first_layer=3))


def test_head_suppression_that_fits_passes_also_with_a_range_beyond_the_last_layer() -> None:
    for spin in (None, SpinConfig(keep=4), SpinConfig(keep=0.95, last_layer=32), SpinConfig(first_layer=2)):
        validate_intervention(MODEL, spin)
