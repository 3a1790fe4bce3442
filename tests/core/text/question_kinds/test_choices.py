"""The choices of an either-or question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.question_kinds.choices import find_choices


@pytest.mark.parametrize(("text", "choices"), [
    ("indoors or outdoors", ("indoors", "outdoors")),
    ("is it day or night", ("day", "night")),
    ("is this a boy or a girl", ("a boy", "a girl")),
    ("is the dog sitting or standing", ("sitting", "standing")),
    ("is the shirt blue or green in the picture", ("blue", "green")),
    ("is the car moving, or is it parked", ("moving", "parked")),
    ("is the hat red, white or black", ("red", "white", "black")),
    ("is he in the water or on the beach", ("in the water", "on the beach")),
    ("which is it, a truck or a van", ("a truck", "a van")),
    ("red or blue car", ("red", "blue")),
    ("does he wear a white or a black shirt", ("white", "black")),
    ("can you see one or two dogs", ("one", "two")),
    ("are there three or four people", ("three", "four")),
    ("is there one man or two", ("one", "two")),
    ("how many cats are there, two or three", ("two", "three")),
    ("is it an orange or an apple", ("an orange", "an apple")),
    ("what time of day is it", ("day", "night")),
    ("what season is it", ("spring", "summer", "autumn", "winter")),
    ("how is the weather", ("sunny", "cloudy", "rainy", "snowy")),
])
def test_choices_are_found(text: str, choices: tuple[str, ...]) -> None:
    assert find_choices(text) == choices


@pytest.mark.parametrize("text", [
    "is the door open or not", "are there any dogs or cats", "is there a dog or a cat", "is there a red or a blue car",
    "what is in the photo",
    "what is the weather tomorrow",
    "is it a dog or something", "",
])
def test_no_choices(text: str) -> None:
    assert find_choices(text) == ()


@given(st.lists(st.sampled_from(["or", "a", "dog", ",", "is", "it", "in", "the", "running", "cat"]), max_size=15).map(" ".join))
def test_choices_are_different_and_not_empty(text: str) -> None:
    choices = find_choices(text)
    assert len(choices) != 1
    assert len(set(choices)) == len(choices)
    assert all(choices)
