"""Words that an answer must not say: those that would repeat what it has just said.

"A yellow sun sun", "a red and red and red sled", "a man and a man": a run of words straight after itself, or with nothing but
a joining word between, is never meant. Words that come again later are left alone: "a man in a hat and a boy in a cap" is
good English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.decoding.token_words import token_words
from core.text.tokenizer import Tokenizer

JOINING = frozenset({"and", "or", "&", ","})


class RepeatedRuns:
    """Knows of a tokenizer which tokens are the same word, begin one, or join two."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        known = token_words(tokenizer)
        self._words, self._begins = known.texts, known.begins
        self._same: dict[str, list[int]] = {}
        for token, word in enumerate(self._words):
            self._same.setdefault(word, []).append(token)

    def endings(self, history: Sequence[int]) -> list[int]:
        """The tokens that would complete a repetition of the answer's latest words."""
        found: dict[int, None] = {}
        for length, first in self._runs(history):
            token = history[first + length - 1]
            for same in self._same[self._words[token]]:
                # A run of one token is repeated by a word only, not by a later part of the same word.
                if length > 1 or self._begins[same]:
                    found[same] = None
        return list(found)

    def _runs(self, history: Sequence[int]) -> Iterator[tuple[int, int]]:
        """(length, first token) of each run of tokens that is repeated up to its last token."""
        words = [self._words[token] for token in history]
        ends = len(words)
        for length in range(1, ends + 1):
            repeated = ends - length + 1  # where the repetition begins
            for between in (0, 1):
                first = repeated - between - length
                if first < 0 or (between and words[repeated - 1] not in JOINING):
                    continue
                if not self._begins_word(history, first) or not words[first + length - 1]:
                    continue  # a part of a character is no word yet
                if length > 1 and not self._begins[history[repeated]]:
                    continue
                if words[first : first + length - 1] == words[repeated:]:
                    yield length, first

    def _begins_word(self, history: Sequence[int], place: int) -> bool:
        return place == 0 or self._begins[history[place]]


@lru_cache(maxsize=4)
def repeated_runs(tokenizer: Tokenizer) -> RepeatedRuns:
    """Made once for a tokenizer."""
    return RepeatedRuns(tokenizer)
