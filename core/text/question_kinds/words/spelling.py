"""Mends spelling mistakes in the words that questions are made of; leaves every word alone that it knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.text.question_kinds.words.word_data import known_words

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST = 3
"""Letters of the shortest word that is corrected."""
LONG = 7
"""From here on two mistakes are looked for, in frequent words."""
FREQUENT = 400
"""Words that are looked for at two mistakes."""
SHORT = 4
"""Words of up to so many letters are only corrected where it is most likely."""
FUNCTION_WORDS = 60
"""Most frequent words, to which a short word is corrected more readily."""
MOST_CORRECTIONS = 8
"""Unknown words that are looked at in one question."""
GLUED = ("how many", "what color", "what is", "where is", "who is", "is there", "are there", "is the", "what are", "can you",
         "is this", "is it", "in the", "on the", "of the", "what the", "what does", "do you", "how much", "how old", "thank you")
UNGLUED = {phrase.replace(" ", ""): phrase for phrase in GLUED}
ENDINGS = ("'s", "s", "es", "ed", "d", "ing", "er", "ers", "ly", "y", "'")


def is_known(word: str) -> bool:
    """Whether a lower-case word is English as far as the word list goes, or has a digit or a letter of another alphabet."""
    known = known_words()[1]
    if word in known or not word.isascii() or not word.replace("'", "").replace("-", "").isalpha():
        return True
    if "-" in word:
        return all(is_known(part) for part in word.split("-") if part)
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            if stem in known or (ending in ("ed", "ing", "er", "es") and stem + "e" in known):
                return True
            if ending in ("ed", "ing", "er") and len(stem) > 3 and stem[-1] == stem[-2] and stem[:-1] in known:
                return True
    return False


def mend_spelling(words: Iterable[str]) -> list[str]:
    """The words, those with a mistake replaced by the most frequent word that is near. The same for its own result."""
    mended: list[str] = []
    looked_at = 0
    for word in words:
        if word in UNGLUED and word not in known_words()[0]:
            mended += UNGLUED[word].split()
        elif len(word) < SHORTEST or looked_at >= MOST_CORRECTIONS or is_known(word):
            mended.append(word)
        else:
            looked_at += 1
            mended.append(_nearest(word) or word)
    return mended


def _nearest(word: str) -> str | None:
    ranks = known_words()[0]
    single = re.sub(r"(.)\1", r"\1", word)
    if single in ranks:
        return single
    edits = set(_one_edit(word))
    near = {candidate for candidate in edits if candidate in ranks and _alike(word, candidate, ranks[candidate])}
    if near:
        return min(near, key=lambda candidate: (_unlikely(word, candidate), ranks[candidate]))
    if len(word) > SHORT:
        rare = [candidate for candidate in edits & known_words()[1] if len(candidate) > SHORT and candidate[0] == word[0]]
        swapped = [candidate for candidate in rare if sorted(candidate) == sorted(word)]
        if len(swapped or rare) == 1:
            return (swapped or rare)[0]
    if len(word) >= LONG:
        frequent = (other for other, rank in ranks.items() if rank < FREQUENT and other[0] == word[0])
        near = {other for other in frequent if len(other) >= LONG - 1 and _within_two(word, other)}
        if near:
            return min(near, key=ranks.__getitem__)
    return None


def _unlikely(word: str, candidate: str) -> int:
    """0 for letters in another order, 1 for what is left out, 2 for more; in long words the last two are alike."""
    if sorted(candidate) == sorted(word):
        return 0
    return 1 if len(candidate) > len(word) or len(word) > SHORT else 2


def _alike(word: str, candidate: str, rank: int) -> bool:
    """Whether a near word is a likely correction: short words keep their first letter and shrink to frequent ones only."""
    swapped = sorted(word) == sorted(candidate)
    if len(word) <= SHORT:
        if len(word) == SHORTEST and (rank >= FUNCTION_WORDS or len(candidate) <= SHORTEST):
            return False
        return swapped or (word[0] == candidate[0] and (len(candidate) > len(word) or rank < FUNCTION_WORDS))
    return swapped or word[0] == candidate[0] or len(word) > 5


def _one_edit(word: str) -> Iterator[str]:
    """Every text that is one deletion, swap, replacement or insertion away."""
    for cut in range(len(word) + 1):
        left, right = word[:cut], word[cut:]
        if right:
            yield left + right[1:]
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        for letter in LETTERS:
            if right:
                yield left + letter + right[1:]
            yield left + letter + right


def _within_two(word: str, other: str) -> bool:
    """Whether at most two edits, a swap of neighbours counting as one, turn one word into the other."""
    if abs(len(word) - len(other)) > 2:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(word, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and word[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return False
    return row[-1] <= 2
