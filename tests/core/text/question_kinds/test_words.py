"""Plain text, spelling and languages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.text.question_kinds.words.languages import is_gibberish, is_other_language, is_other_script
from core.text.question_kinds.words.plain_text import LONGEST_TEXT, plain_text
from core.text.question_kinds.words.spelling import is_known, mend_spelling
from core.text.question_kinds.words.word_data import known_words
from core.text.question_kinds.words.word_forms import split_words


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_plain_text_is_its_own_plain_text(text: str) -> None:
    plain = plain_text(text)
    assert plain_text(plain) == plain
    assert len(plain) <= LONGEST_TEXT
    assert "\n" not in plain


@given(st.lists(st.text("abcdefghiklmnoprstuwy'", min_size=1, max_size=12), max_size=10))
@settings(max_examples=200, deadline=None)
def test_mending_twice_changes_nothing_more(words: list[str]) -> None:
    once = mend_spelling(words)
    assert mend_spelling(once)[: len(words)] == once[: len(words)] or len(words) > 8


@pytest.mark.parametrize(("wrong", "right"), [
    ("pitcure", "picture"), ("ther", "there"), ("waering", "wearing"), ("decribe", "describe"),
    ("howmany", "how many"),
    ("umbrela", "umbrella"), ("photograh", "photograph"),
])
def test_mistakes_are_mended(wrong: str, right: str) -> None:
    assert " ".join(mend_spelling([wrong])) == right


@pytest.mark.parametrize("word", [
    "giraffe", "zebras", "walrus", "kayaking", "unicyclist", "cup", "mums", "iphone", "o'clock", "3d", "straße",
])
def test_known_words_are_never_corrected(word: str) -> None:
    assert mend_spelling([word]) == [word]


def test_every_listed_word_is_known() -> None:
    ranks, known = known_words()
    assert set(ranks) <= known
    assert all(is_known(word) for word in known)


@pytest.mark.parametrize("text", [
    "was ist das", "combien de chiens y a-t-il", "¿cuántos perros hay?", "che cosa fa il cane", "wat doet de man", "co to jest",
    "hur många hundar", "o que é isto", "bu nedir",
])
def test_other_languages(text: str) -> None:
    assert is_other_language(split_words(plain_text(text).lower().replace("-", " ")))


@pytest.mark.parametrize("text", [
    "was it cold", "is the man in the van", "what is on the table", "who is he", "the dog", "no", "is die a word",
])
def test_english_is_no_other_language(text: str) -> None:
    assert not is_other_language(split_words(text))


def test_other_scripts() -> None:
    assert is_other_script("что это dog")
    assert not is_other_script("what is это?")


def test_gibberish() -> None:
    assert is_gibberish(["sdfkjh", "sdfkjh"])
    assert is_gibberish(["x"])
    assert not is_gibberish(["is", "that", "pikachu"])
