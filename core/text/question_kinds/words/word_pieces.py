"""Words as the pieces that the sentence encoder knows (WordPiece; Devlin et al. 2019, arXiv:1810.04805)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

START, END, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
INSIDE = "##"
"""Before a piece that doesn't begin a word."""
MOST_PIECES = 40
LONGEST_WORD = 40
WORD_OR_SIGN = re.compile(r"[^\W_]+|[^\w\s]|_")


def piece_ids(words: Sequence[str], vocabulary: Mapping[str, int]) -> list[int]:
    """Rows of the pieces of lower-case words, with the marks of the start and the end; at most MOST_PIECES."""
    pieces = [piece for word in words for part in WORD_OR_SIGN.findall(word) for piece in pieces_of(part, vocabulary)]
    return [vocabulary[piece] for piece in (START, *pieces[: MOST_PIECES - 2], END)]


def pieces_of(word: str, vocabulary: Mapping[str, int]) -> list[str]:
    """The longest pieces that make up a word, from its start; UNKNOWN where none do."""
    found = list(_longest_pieces(word, vocabulary)) if len(word) <= LONGEST_WORD else [UNKNOWN]
    return [UNKNOWN] if UNKNOWN in found else found


def _longest_pieces(word: str, vocabulary: Mapping[str, int]) -> Iterator[str]:
    start = 0
    while start < len(word):
        mark = INSIDE if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in vocabulary), start)
        if end == start:
            yield UNKNOWN
            return
        yield mark + word[start:end]
        start = end
