"""Settings of head suppression as text, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import SpinConfig
from core.errors import ConfigError
from core.model.spin_text import (
    keep_text,
    layers_text,
    number_text,
    option_text,
    parse_alpha,
    parse_keep,
    parse_layers,
    parse_list,
    short_name,
)

KEEPS = st.integers(1, 10**6) | st.floats(0, 1, exclude_min=True)
LAYERS = st.integers(0, 99).flatmap(lambda first: st.tuples(st.just(first), st.none() | st.integers(first, 120)))


@st.composite
def spins(draw: st.DrawFn) -> SpinConfig:
    return SpinConfig(draw(KEEPS), draw(st.floats(0, 1)), *draw(LAYERS), draw(st.sampled_from(["mass", "logits"])))


@given(KEEPS)
def test_heads_kept_are_read_back_as_the_same_number_or_ratio(keep: float) -> None:
    found = parse_keep(keep_text(keep), name="keep")
    assert (type(found), found) == (type(keep), keep)


@pytest.mark.parametrize(
    ("text", "keep"),
    [("4", 4), (" 4 ", 4), ("+4", 4), ("1", 1), ("1.0", 1.0), ("1.", 1.0), (".00001", 1e-05), ("1e-05", 1e-05),
     ("1E-5", 1e-05), ("5e-1", 0.5), ("1e0", 1.0), ("0.95", 0.95)],
)
def test_every_spelling_of_a_number_is_understood_and_a_point_or_exponent_makes_a_ratio(text: str, keep: float) -> None:
    found = parse_keep(text, name="keep")
    assert (type(found), found) == (type(keep), keep)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "0.0", "-0.5", "nan", "inf", "many", "", "½", "4 heads", "0x4"])
def test_what_cannot_be_kept_is_refused_with_the_fields_name(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^--keep takes .*heads.*ratio"):
        parse_keep(text, name="--keep")


@given(spins())
def test_the_options_of_a_setting_are_read_back_as_the_same_setting(spin: SpinConfig) -> None:
    values = dict(part.split("=") for part in option_text(spin).split(" "))
    first, last = parse_layers(values["layers"], name="layers")
    keep, alpha = parse_keep(values["keep"], name="keep"), parse_alpha(values["alpha"], name="alpha")
    found = SpinConfig.from_dict(
        {"keep": keep, "alpha": alpha, "first_layer": first, "last_layer": last, "score": values["score"]}
    )
    assert found == spin
    assert type(found.keep) is type(spin.keep)


@given(spins(), spins())
def test_settings_that_differ_have_different_names(one: SpinConfig, other: SpinConfig) -> None:
    same = one == other and type(one.keep) is type(other.keep)
    assert (short_name(one) == short_name(other)) == same


def test_ratios_that_differ_in_a_late_digit_have_different_names() -> None:
    assert short_name(SpinConfig(0.1234567)) != short_name(SpinConfig(0.1234568))
    assert short_name(SpinConfig(1)) != short_name(SpinConfig(1.0))


def test_names_and_options_are_short_for_common_settings() -> None:
    assert short_name(SpinConfig(4)) == "K=4, alpha 0"
    assert short_name(SpinConfig(0.95, 0.08, 1, None, "logits")) == "r=0.95, alpha 0.08, layers 1:, logits"
    assert option_text(SpinConfig(0.5, 0.08, 0, 2)) == "keep=0.5 alpha=0.08 layers=0:2 score=mass"
    assert option_text(None) == "off"
    assert [layers_text(SpinConfig(first_layer=1, last_layer=last)) for last in (None, 3)] == ["1:", "1:3"]


@given(st.floats(0, 1))
def test_a_factor_is_read_back_as_the_same_number(alpha: float) -> None:
    assert parse_alpha(number_text(alpha), name="alpha") == alpha


@pytest.mark.parametrize("text", ["2", "-0.1", "nan", "faint", ""])
def test_a_factor_outside_of_0_to_1_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="from 0 to 1"):
        parse_alpha(text, name="--alpha")


@pytest.mark.parametrize("text", ["4", "a:b", "1:2:3", "-1:2", "1.5:2", ""])
def test_layers_that_are_no_range_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--layers takes A:B"):
        parse_layers(text, name="--layers")


def test_lists_are_read_between_commas() -> None:
    assert parse_list(" 4, .5 ,,1", parse_keep, name="keep") == [4, 0.5, 1]
    assert parse_list("0:2,3:", parse_layers, name="layers") == [(0, 2), (3, None)]
    assert parse_list(" , ", parse_alpha, name="alpha") == []
