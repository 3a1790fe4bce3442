"""Questions are recognised, whatever is typed."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.text.question_kinds.kinds import KINDS, is_answerable_kind
from core.text.question_kinds.understanding import normal_words, resolve_follow_up, understand_question
from core.text.question_kinds.words.word_forms import in_full

WORDS = [
    "what", "is", "the", "dog", "or", "and", "cat", "it", "colour", "how", "many", "?", ",", "please", "can you tell me",
    "\u200b", "\u202e",
    "😀", "שלום", "waht", "isn't", "whether", "on the table", ".",
]
typed = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))


@pytest.mark.parametrize(("text", "kind"), [
    ("Describe the image.", "describe"), ("what is in this picture", "describe"), ("What do you see?", "describe"),
    ("what can you see in this photo", "describe"), ("what do you see on the table", "object"),
    ("Is there a dog?", "yes_no"), ("isnt there a dog", "yes_no"), ("tell me if there is a dog", "yes_no"),
    ("there is a dog, right?", "yes_no"), ("IS IT RAINING???", "yes_no"),
    ("is there one dog or two?", "either_or"), ("How many cats are there, two or three?", "either_or"),
    ("is she one or two years old", "age"),
    ("indoors or outdoors?", "either_or"), ("is it day or night", "either_or"), ("what time of day is it", "either_or"),
    ("How many dogs are there?", "count"), ("count the dogs", "count"), ("how manny ppl r there", "count"),
    ("What colour is the car?", "colour"), ("name the color of the car", "colour"), ("whta colr is the car", "colour"),
    ("Where is the man?", "where"), ("Who is riding the horse?", "who"),
    ("whats teh man doin", "doing"), ("what does the man do", "doing"), ("what is she wearing", "wearing"),
    ("What is on the table?", "object"), ("what kind of animal is this", "object"),
    ("What does the sign say?", "text"), ("what is his name", "identity"), ("what kind of dog is that", "breed"),
    ("how old is he?", "age"), ("what time is it", "time"), ("which city is this", "place_name"), ("why is he smiling", "why"),
    ("is it safe to swim there", "advice"), ("who is taller", "comparison"), ("how much does it cost", "quantity"),
    ("12*4", "quantity"), ("how many kilometers is it", "quantity"), ("what will happen next", "unseen"),
    ("hello", "greeting"), ("thanks a lot", "thanks"), ("what can you do", "about_program"), ("write a poem", "task"),
    ("was ist auf dem Bild", "language"), ("что на фото?", "language"), ("asdf jklh qwer", "gibberish"),
    ("", "empty"), ("  ?!", "empty"), ("😀😀", "empty"), ("nice photo", "statement"), ("and the dog?", "follow_up"),
])
def test_kinds(text: str, kind: str) -> None:
    assert understand_question(text).kind == kind


@pytest.mark.parametrize(("text", "wording"), [
    ("please can you tell me what the man is doing?", "What is the man doing?"),
    ("Hello! And where's the ball pls", "Where is the ball?"),
    ("dog colour?", "What color is the dog?"),
    ("how many ppl r ther", "How many people are there?"),
    ("tell me what you see", "Describe the image."), ("describe this photo in detail", "Describe the image in detail."),
    ("the man is smiling, isn't he?", "Is the man smiling?"),
    ("Count the dogs!", "Count the dogs."),
])
def test_the_model_gets_words_that_it_knows(text: str, wording: str) -> None:
    assert understand_question(text).text == wording


@given(typed)
@example("\U000e0001" * 50)
@example("e\u200d\u0301")
@example("or or or")
@settings(max_examples=150, deadline=None)
def test_any_text_is_understood_somehow_and_always_alike(text: str) -> None:
    first = understand_question(text)
    assert first == understand_question(text)
    assert first.kind in KINDS
    assert 0 <= first.confidence <= 1
    assert first.is_answerable == is_answerable_kind(first.kind)
    assert (len(first.choices) >= 2) == (first.kind == "either_or")
    assert "\n" not in first.text
    assert bool(first.text) or first.kind == "empty"


@given(typed)
@settings(max_examples=200, deadline=None)
def test_normal_words_stay_as_they_are(text: str) -> None:
    once = normal_words(text[:300])
    assert in_full(once) == once


@pytest.mark.parametrize("text", [
    "What is the man doing?", "Is there a dog?", "How many dogs are there?", "What color is the car?", "Where is the man?",
    "Who is riding the horse?", "What is the woman wearing?", "Is it indoors or outdoors?", "Describe the image.",
])
def test_a_well_put_question_is_left_alone(text: str) -> None:
    assert understand_question(text).text == text


@pytest.mark.parametrize("text", [
    "whta colr is teh caer " * 500, "qwjkeq asd " * 1000, "a" * 10_000, "and " * 3000, "is it a dog or " * 700, "can you " * 1500,
    "שלום " * 2000, "is the " * 1500, " or ".join(["cat"] * 2500), "," * 10_000, "what the " * 1200,
])
def test_long_texts_take_no_time(text: str) -> None:
    understand_question("what is the man doing")
    start = time.process_time()
    understand_question(text)
    assert time.process_time() - start < 1, "some milliseconds; minutes where a pattern goes back and forth"


def test_a_follow_up_takes_the_last_thing_named() -> None:
    previous = understand_question("Is there a dog?")
    question = understand_question("and what colour is it?")
    assert question.needs_previous == "subject"
    full = resolve_follow_up(question, previous, "yes")
    assert (full.kind, full.text, full.needs_previous) == ("colour", "What color is the dog?", "nothing")


def test_what_was_counted_is_what_was_named() -> None:
    previous = understand_question("How many beds in the room?")
    full = resolve_follow_up(understand_question("what color are they?"), previous, "2")
    assert full.text == "What color are the beds?"


def test_a_follow_up_takes_what_the_answer_named() -> None:
    previous = understand_question("What is on the table?")
    full = resolve_follow_up(understand_question("what color is it"), previous, "a red cup")
    assert full.text == "What color is the red cup?"


def test_a_fragment_repeats_the_last_question() -> None:
    previous = understand_question("What color is the car?")
    full = resolve_follow_up(understand_question("and the dog?"), previous, "red")
    assert (full.kind, full.text) == ("colour", "What color is the dog?")
    again = resolve_follow_up(understand_question("what about the man"), understand_question("Is the woman smiling?"))
    assert again.text == "Is the man smiling?"


def test_without_a_turn_before_a_follow_up_stays_declined() -> None:
    question = understand_question("and the dog?")
    assert resolve_follow_up(question, None) == question
    assert not question.is_answerable
    unknown = understand_question("what color is it")
    assert resolve_follow_up(unknown, understand_question("hello")) == unknown


def test_whole_questions_need_nothing() -> None:
    for text in ("What color is the car?", "Is it raining?", "Who is this?", "Describe the image."):
        assert understand_question(text).needs_previous == "nothing"
