"""What was asked for of the heads, resolved for each layer."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.config import ModelShape, SpinConfig
from core.errors import ConfigError
from core.model.head_settings import PLAIN, HeadSettings, LayerHeads, validate_ablation
from core.model.head_suppression import random_gates
from core.model.interventions import ImageAmplification, ImageContrast, RandomHeads

SHAPE = ModelShape(layers=3, heads=4, grid_side=2, image_tokens=5, max_question_tokens=12, max_answer_tokens=16)
CPU = torch.device("cpu")
RANGES = st.integers(0, 4).flatmap(lambda first: st.tuples(st.just(first), st.none() | st.integers(first, 5)))


def in_layers(settings: HeadSettings) -> tuple[LayerHeads, ...]:
    return settings.in_layers(SHAPE, device=CPU)


def test_without_settings_no_layer_does_anything() -> None:
    assert in_layers(HeadSettings()) == (PLAIN,) * 3
    assert in_layers(HeadSettings(ImageContrast())) == (PLAIN,) * 3  # it is made of two runs, not of heads


@given(RANGES)
def test_suppression_and_amplification_reach_the_layers_of_their_range_and_no_others(layers: tuple[int, int | None]) -> None:
    spin = SpinConfig(2, 0.1, *layers)
    assert [heads.spin for heads in in_layers(HeadSettings(spin))] == [spin if spin.covers(i) else None for i in range(3)]
    more = ImageAmplification(0.7, *layers)
    assert [heads.gamma for heads in in_layers(HeadSettings(more))] == [0.7 if more.covers(i) else 0.0 for i in range(3)]


def test_a_record_is_kept_of_every_layer_or_of_none() -> None:
    spin = SpinConfig(2, first_layer=1)
    assert [heads.record for heads in in_layers(HeadSettings(spin, record=True))] == [True] * 3
    assert [heads.record for heads in in_layers(HeadSettings(spin))] == [False] * 3


def test_heads_off_by_hand_are_off_at_every_place_beside_any_intervention() -> None:
    for applied in (None, SpinConfig(2), ImageAmplification()):
        off = {(int(layer), int(head)) for layer, head in [(0, 3), (2, 1)]}
        for layer, heads in enumerate(in_layers(HeadSettings(applied, off))):
            assert heads.factor is not None
            assert heads.factor.shape == (16, 4)
            expected = [0.0 if (layer, head) in off else 1.0 for head in range(4)]
            assert heads.factor.tolist() == [expected] * 16


def test_random_heads_are_drawn_for_the_whole_answer_and_each_query_gets_those_of_its_place() -> None:
    suppression = RandomHeads(keep=2, alpha=0.5, seed=9)
    drawn = random_gates(suppression, SHAPE)
    for layer, heads in enumerate(in_layers(HeadSettings(suppression))):
        part = heads.at(5, 3).factor
        assert part is not None
        assert torch.equal(part, drawn[layer, 5:8])
        assert heads.at(5, 3).spin is None


@pytest.mark.parametrize("head", [(3, 0), (0, 4), (-1, 0), (0, -1)])
def test_a_head_that_does_not_exist_cannot_be_switched_off(head: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="there is no head"):
        validate_ablation(SHAPE, {head})
    validate_ablation(SHAPE, {(2, 3), (0, 0)})
