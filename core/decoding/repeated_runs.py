"""Words that an answer must not say: those that would repeat what it has just said.

"A yellow sun sun", "a red and red and red sled", "a man and a man": a run of words straight after itself, or with nothing but
a joining word between, is never meant. Words that come again later are left alone: "a man in a hat and a boy in a cap" is
good English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.text.tokenizer import StreamDecoder, Tokenizer

JOINING = frozenset({"and", "or", "&", ","})


class RepeatedRuns:
    """Knows of a tokenizer which tokens are the same word, begin one, or join two."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._words: list[str] = []
        """Of each token its text, without the space before it."""
        self._begins: list[bool] = []
        """Whether it begins a word wherever it stands."""
        self._same: dict[str, list[int]] = {}
        before = next(token for token in range(tokenizer.vocabulary_size) if _text_after(tokenizer, None, token).isalpha())
        for token in range(tokenizer.vocabulary_size):
            text = _text_after(tokenizer, before, token)
            word = text.strip()
            self._words.append(word)
            self._begins.append(text != word and bool(word))
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
    """Made once for a tokenizer: it looks at every token."""
    return RepeatedRuns(tokenizer)


def _text_after(tokenizer: Tokenizer, before: int | None, token: int) -> str:
    """What a token adds behind another one, or at the start; empty for a special token or a part of a character."""
    decoder = StreamDecoder(tokenizer)
    if before is not None:
        decoder.push(before)
    return decoder.push(token)
