"""Settings of head suppression in words for people."""

from __future__ import annotations

import pytest

from core.config import SpinConfig
from core.errors import ConfigError
from core.model.published_spin import PUBLISHED
from spinvlm_desktop.answers.spin_words import explained, in_words, off_by_hand, published_on_model, suppression


def test_a_setting_in_short_says_how_many_heads_count_in_full_and_what_the_others_do() -> None:
    assert suppression(None) == "SPIN off"
    assert suppression(SpinConfig(4, 0.08)) == "SPIN on, 4 heads kept, the others × 0.08"
    assert suppression(SpinConfig(1)) == "SPIN on, 1 head kept, the others silenced"
    assert suppression(SpinConfig(0.25)) == "SPIN on, 25% of the heads kept, the others silenced"


def test_nearly_all_heads_are_not_called_all_of_them() -> None:
    assert in_words(SpinConfig(0.995)).startswith("99.5% of the heads kept")
    assert in_words(SpinConfig(0.07)).startswith("7% of the heads kept")


@pytest.mark.parametrize(
    ("first", "last", "unknown", "of_four"),
    [
        (0, None, "every layer", "every layer"), (0, 4, "layers 1 to 4", "every layer"),
        (1, None, "layers 2 to the last", "layers 2 to 4"), (1, 2, "layer 2", "layer 2"),
        (0, 20, "layers 1 to 20", "every layer"),
        (3, None, "layers 4 to the last", "layer 4"), (0, 2, "layers 1 to 2", "layers 1 to 2"),
    ],
)
def test_layers_are_counted_from_1_and_end_with_the_model_where_it_is_known(
    first: int, last: int | None, unknown: str, of_four: str
) -> None:
    spin = SpinConfig(2, first_layer=first, last_layer=last)
    assert in_words(spin) == f"2 heads kept in {unknown}, the others silenced"
    assert in_words(spin, layers=4, heads=8) == f"2 of 8 heads kept in {of_four}, the others silenced"


def test_the_ranking_is_named_where_it_is_not_the_usual_one() -> None:
    assert in_words(SpinConfig(0.5, 0.1, score="logits"), layers=2, heads=6) == (
        "3 of 6 heads kept in every layer, the others × 0.1, ranked by logits"
    )


def test_more_heads_than_the_model_has_are_refused() -> None:
    with pytest.raises(ConfigError, match="at most the model's 4 heads"):
        in_words(SpinConfig(5), layers=2, heads=4)


def test_a_setting_that_suppresses_nothing_says_so() -> None:
    for spin in (SpinConfig(8), SpinConfig(1, 1.0), SpinConfig(1.0)):
        assert explained(spin, layers=4, heads=8) == "With this setting no head is suppressed."
    assert explained(SpinConfig(3, 0.08, 1, 3, "logits"), layers=4, heads=8) == (
        "For each word, in layers 2 to 3, the 3 of 8 heads that have the highest logits on the photo are kept; "
        "the others count 8%."
    )


def test_an_authors_setting_says_where_the_authors_have_more_layers() -> None:
    (of_qwen,) = (each for each in PUBLISHED if each.spin.last_layer)
    here = published_on_model(of_qwen, layers=4, heads=8)
    assert here == "Authors' for Qwen-VL: 5 of 8 heads kept in every layer, the others × 0.08 (theirs: layers 1 to 20)"
    assert "theirs" not in published_on_model(of_qwen, layers=32, heads=8)


def test_heads_off_by_hand_are_counted() -> None:
    assert [off_by_hand(frozenset(heads)) for heads in ((), [(0, 1)], [(0, 1), (2, 3)])] == [
        "", "1 head off by hand", "2 heads off by hand"
    ]
