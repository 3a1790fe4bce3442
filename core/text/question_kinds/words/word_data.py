"""The data that come with the program for understanding questions; word lists are read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from core.text.question_kinds.words.plain_text import without_accents


def data_file(name: str) -> Traversable:
    """A file of the data folder."""
    return files("resources").joinpath("question_kinds", name)


def data_text(name: str) -> str:
    """What is written in a file of the data folder."""
    return data_file(name).read_text(encoding="utf-8")


def sections(text: str) -> dict[str, list[str]]:
    """Lines under each heading in brackets, without comments."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.strip("[] "), [])
        elif line.strip() and not line.startswith("#"):
            current.append(line)
    return found


@cache
def word_classes() -> dict[str, frozenset[str]]:
    """Words, and phrases of up to three words, of each class: place, brand, breed and so on."""
    return {
        name: frozenset(entry.strip() for line in lines for entry in line.split(",") if entry.strip())
        for name, lines in sections(data_text("word_classes.txt")).items()
    }


@cache
def known_words() -> tuple[dict[str, int], frozenset[str]]:
    """(rank of each word that mistakes are corrected to, every known English word)."""
    lists = sections(data_text("words.txt"))
    common = [word for line in lists["common"] for word in line.split()]
    known = frozenset(word for line in lists["known"] for word in line.split())
    named = frozenset(word for phrases in word_classes().values() for phrase in phrases for word in phrase.split())
    return {word: rank for rank, word in enumerate(common)}, known | named | frozenset(common)


@cache
def foreign_words() -> frozenset[str]:
    """Frequent words of other languages, without accents."""
    lists = sections(data_text("foreign_words.txt"))
    return frozenset(without_accents(word) for lines in lists.values() for line in lines for word in line.split())
