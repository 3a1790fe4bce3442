"""Unicode and white space as every later step expects them."""

from __future__ import annotations

import unicodedata

LONGEST_TEXT = 1500
"""Characters that are looked at."""
LONGEST_RUN = 3
"""Times that one character may stand in a row."""
PLAIN = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201b": "'", "\u0060": "'", "\u00b4": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u00bf": " ", "\u00a1": " ", "\u061f": "?", "\uff1f": "?", "\u037e": "?", "\u203d": "?", "\ufe0f": "", "\ufe0e": "",
})
DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of characters that nobody can see: controls, marks of direction, joiners, what isn't assigned."""
SPACES = frozenset({"Zs", "Zl", "Zp", "So", "Sk"})
"""Categories that separate words: spaces, and signs such as emoji."""


def plain_text(text: str) -> str:
    """Compatibility-normalised, without invisible characters and emoji, single spaces, at most 1,500 characters.

    The same for its own result.
    """
    text = text[: 4 * LONGEST_TEXT]
    for _ in range(4):  # dropping a character can bring two together that normalise to one
        cleaner = _clean(text)
        if cleaner == text:
            break
        text = cleaner
    return text


def _clean(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).translate(PLAIN)
    characters: list[str] = []
    run = 0
    for character in normal:
        category = unicodedata.category(character)
        if character.isspace() or category in SPACES:
            character = " "
        elif category in DROPPED:
            continue
        run = run + 1 if characters and characters[-1] == character else 1
        if run <= LONGEST_RUN:
            characters.append(character)
    words = "".join(characters).split()
    return " ".join(words)[:LONGEST_TEXT].strip()


def without_accents(text: str) -> str:
    """Letters without their accents: é -> e, ü -> u."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn").replace("ı", "i").replace("ł", "l").replace("ø", "o")


def has_words(text: str) -> bool:
    """Whether there is a letter or a digit of any script."""
    return any(unicodedata.category(character)[0] in "LN" for character in text)
