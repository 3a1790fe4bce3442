"""Words of a caption and where they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.metrics.text_tokens import caption_words, word_spans


@given(st.text(alphabet="aBz Ä'’.,-/$0n t", max_size=40))
def test_each_word_stands_where_it_is_said_to(caption: str) -> None:
    spans = word_spans(caption)
    assert [caption[start:end].lower().replace("’", "'") for start, end in spans] == caption_words(caption)


def test_a_letter_that_grows_when_it_is_lowered_shifts_nothing() -> None:
    assert "\u0130".lower() != "i"
    caption = "\u0130 saw a Dog"
    assert [caption[start:end] for start, end in word_spans(caption)][-1] == "Dog"
