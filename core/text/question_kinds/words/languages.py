"""Tells other languages and gibberish from English."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from core.text.question_kinds.words.plain_text import without_accents
from core.text.question_kinds.words.spelling import is_known
from core.text.question_kinds.words.word_data import foreign_words
from core.text.question_kinds.words.word_forms import is_word

ENGLISH = frozenset([
    "a", "an", "the", "this", "that", "these", "those", "i", "you", "he", "she", "it", "we", "they", "me", "him", "her",
    "us", "them", "my", "your", "his", "its", "our", "their", "is", "are", "was", "were", "be", "been", "do", "does", "did",
    "has", "have", "had", "can", "could", "will", "would", "should", "may", "might", "must", "what", "which", "who", "whom",
    "whose", "where", "when", "why", "how", "if", "or", "and", "but", "not", "no", "yes", "in", "on", "at", "to", "of",
    "for", "with", "from", "by", "as", "there", "here", "many", "much", "more", "any", "some", "all", "each", "other", "one",
    "two", "three", "dog", "cat", "man", "woman", "boy", "girl", "people", "person", "picture", "photo", "image", "color",
    "hat", "ball", "car", "day", "night", "see", "look", "tell", "describe", "doing", "wearing", "hello", "hi", "hey",
    "thanks", "please", "name", "time", "so", "just", "like", "come", "made", "then", "than", "men", "son", "sun", "van",
    "bus", "bed", "red", "den", "mark", "note", "main", "pan", "pour", "plus", "met", "per", "ten", "war", "dame", "die",
    "gut", "hat", "hut", "rot", "tag", "art", "tot", "wat",
])
"""Words that are English first, though other languages have them too."""


def is_other_script(text: str) -> bool:
    """Whether most of the letters aren't Latin."""
    letters = [character for character in text[:400] if character.isalpha()]
    return 2 * sum(not _is_latin(letter) for letter in letters) > len(letters)


def _is_latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


def is_other_language(words: Sequence[str]) -> bool:
    """Whether lower-case words are those of another language with Latin letters."""
    plain = [without_accents(word) for word in words if is_word(word) and not word.isdigit()]
    if not plain:
        return False
    foreign = sum(word in foreign_words() and word not in ENGLISH for word in plain)
    shared = sum(word in foreign_words() and word in ENGLISH for word in plain)
    accented = sum(word != bare for word, bare in zip([w for w in words if is_word(w) and not w.isdigit()], plain, strict=True))
    english = sum(is_known(bare) and not (bare in foreign_words() and bare not in ENGLISH) for bare in plain) - shared
    if foreign + accented == 0:
        return False
    if len(plain) <= 2:
        return (foreign > 0 and english <= 0) and not all(is_known(word) for word in plain)
    return foreign + shared / 2 + accented / 2 > english


def is_gibberish(words: Sequence[str]) -> bool:
    """Whether at least half of the words are none, as when someone hits the keyboard."""
    found = [word for word in words if is_word(word)]
    if not found:
        return False
    if len(found) == 1 and len(found[0]) == 1:
        return not found[0].isdigit()
    strange = sum(_is_strange(word) for word in found)
    return strange == len(found) or 2 * strange > len(found) or (len(found) > 3 and 2 * strange == len(found))


def strange_share(words: Sequence[str]) -> float:
    """Share of the words that aren't English, in [0, 1]."""
    found = [word for word in words if is_word(word)]
    return sum(_is_strange(word) for word in found) / len(found) if found else 0.0


def has_foreign_word(words: Sequence[str]) -> bool:
    """Whether some word is one of another language only."""
    unknown = [without_accents(word) for word in words if not is_known(word) or not word.isascii()]
    return any(word in foreign_words() and word not in ENGLISH for word in unknown)


def _is_strange(word: str) -> bool:
    if any(character.isdigit() for character in word):
        return sum(character.isalpha() for character in word) > 2
    if word.isascii() and len(word) > 2 and not set(word) & set("aeiouy"):
        return word not in (
            "hmm", "mmm", "shh", "mrs", "pdf", "ocr", "gps", "sql", "html", "rgb", "bmw", "nyc", "kfc", "tv", "wtf", "thx",
        )
    return not is_known(word)
