"""Answers as they are shown: with their line breaks and simple Markdown, while their words stay those of the tokens.

Read are **bold**, *italics*, `code`, headings and lists; anything else stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.answers import Answer, CellToken
from spinvlm_desktop.answers.answer_words import AnswerWord, answer_words

HEADING = re.compile(r"#{1,6}")
NUMBER = re.compile(r"\d{1,3}[.)]")
BULLETS = frozenset("-*+•")
OPENING = re.compile(r"(?P<before>[(\"“]*)(?P<mark>\*\*\*|\*\*|__|\*|`)(?=[^\s*`_])")
CLOSING = re.compile(r"(?<=[^\s*`_])(?P<mark>\*\*\*|\*\*|__|\*|`)(?P<after>[.,:;!?)\"”]*)$")


@dataclass(frozen=True)
class ShownWord:
    """One of an answer's words as it is written."""

    text: str
    """Empty where the word was nothing but a mark."""
    before: str
    """What stands between it and the word before: a space, line breaks, or nothing."""
    bold: bool = False
    italic: bool = False
    code: bool = False
    heading: bool = False


def laid_out(words: Sequence[AnswerWord]) -> list[ShownWord]:
    """The words with their marks made into styles."""
    shown: list[ShownWord] = []
    open_marks: list[str] = []
    heading, written = False, False
    """Whether the line is a heading, and has a word that can be read."""
    for place, word in enumerate(words):
        if word.lines_before and place:
            heading = written = False
        text = word.text
        last = place + 1 == len(words) or bool(words[place + 1].lines_before)
        if not written and not last and HEADING.fullmatch(text):
            heading, text = True, ""
        elif not written and not last and text in BULLETS and word.lines_before:
            text = "•"
        else:
            text, opened = _without_opening(text)
            open_marks += opened
        style = "".join(open_marks)
        text = _without_closing(text, open_marks)
        shown.append(ShownWord(
            text, _gap(word, is_first=not place, after=shown[-1] if shown else None), bold="**" in style or "__" in style,
            italic="*" in style.replace("**", ""), code="`" in style, heading=heading,
        ))
        written = written or bool(text)
    return shown


def _gap(word: AnswerWord, *, is_first: bool, after: ShownWord | None) -> str:
    if is_first:
        return ""
    if word.lines_before:
        return "\n" * min(2, word.lines_before)
    return "" if after is not None and not after.text else " "


def _without_opening(text: str) -> tuple[str, list[str]]:
    """The text without a mark at its beginning, and the marks that it opens."""
    found = OPENING.match(text)
    if found is None:
        return text, []
    marks = ["**", "*"] if found["mark"] == "***" else [found["mark"]]
    return found["before"] + text[found.end():], marks


def _without_closing(text: str, open_marks: list[str]) -> str:
    """The text without a mark at its end that closes one of those that are open, which are taken away."""
    found = CLOSING.search(text)
    if found is None:
        return text
    marks = ["**", "*"] if found["mark"] == "***" else [found["mark"]]
    if any(mark not in open_marks for mark in marks):
        return text
    for mark in marks:
        open_marks.remove(mark)
    return text[: found.start()] + found["after"]


def bare(word: str) -> str:
    """A word without the marks around it, to be named by itself."""
    return word.strip("*_`#") or word


def plain_text(answer: Answer) -> str:
    """The answer as it is shown, without styles: to be copied, or spoken."""
    if not answer.tokens or not isinstance(answer.tokens[0], CellToken):
        return answer.shown_text
    return "".join(word.before + word.text for word in laid_out(answer_words(answer.tokens)))
