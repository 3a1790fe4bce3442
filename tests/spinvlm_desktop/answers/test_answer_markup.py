"""Answers as they are shown: line breaks and simple Markdown, while each word stays one of the answer's."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.answers import Answer, AnswerToken, CellToken
from spinvlm_desktop.answers.answer_markup import ShownWord, laid_out, plain_text
from spinvlm_desktop.answers.answer_words import answer_words


def tokens(text: str) -> tuple[AnswerToken, ...]:
    """Tokens as byte-level BPE has them: spaces before words, line breaks by themselves."""
    none = np.ones((1, 1), np.float32)
    parts = re.findall(r"\n+| ?[^\s]+", text)
    return tuple(CellToken(i, i, part, 0.5, none, none, none.astype(np.float16)) for i, part in enumerate(parts))


def shown(text: str) -> list[ShownWord]:
    words = answer_words(tokens(text))
    found = laid_out(words)
    assert len(found) == len(words)
    return found


def plain(text: str) -> str:
    return plain_text(Answer("What?", text, tokens(text), "end", 0.0, 0.0))


def test_lines_and_paragraphs_stay_apart() -> None:
    assert plain("One line.\nAnother one.\n\n\n\nA paragraph.") == "One line.\nAnother one.\n\nA paragraph."


def test_marks_become_styles_and_the_text_is_plain() -> None:
    found = shown("A **red bus**, an *old* one and `code`.")
    assert [word.text for word in found] == ["A", "red", "bus,", "an", "old", "one", "and", "code."]
    assert [word.bold for word in found] == [False, True, True, *[False] * 5]
    assert [word.italic for word in found] == [*[False] * 4, True, *[False] * 3]
    assert [word.code for word in found] == [*[False] * 7, True]
    assert plain("A **red bus**, an *old* one and `code`.") == "A red bus, an old one and code."


def test_headings_and_lists() -> None:
    text = "# What is there\n- a bus\n* a house\n1. first\n2. second"
    assert plain(text) == "What is there\n• a bus\n• a house\n1. first\n2. second"
    assert [word.text for word in shown(text) if word.heading and word.text] == ["What", "is", "there"]


@pytest.mark.parametrize("text", [
    "2 * 3 = 6", "a - b", "5 > 3 & <b>no tag</b>", "snake_case stays", "an *unfinished mark", "**", "# ", "C# is a language",
    "It costs $5. * not a list", "a*b*c", "!", "-", "1.", "¿Qué?", "***", "`", "no marks at all.",
])
def test_what_is_no_markup_is_shown_without_losing_a_word(text: str) -> None:
    words = answer_words(tokens(text))
    assert len(shown(text)) == len(words)
    kept = plain(text)
    for word in re.findall(r"[A-Za-zé0-9$<>&=]+", text):
        assert word in kept


def test_bold_does_not_run_on_where_it_is_closed_in_the_middle() -> None:
    found = shown("**Colour:** red and **size:** large")
    assert [(word.text, word.bold) for word in found] == [
        ("Colour:", True), ("red", False), ("and", False), ("size:", True), ("large", False),
    ]
