"""How the tokenizer splits and spells text, set up with Hugging Face's `tokenizers`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import tokenizers
from tokenizers import Regex, models, normalizers, pre_tokenizers

PAD, UNKNOWN, IMAGE, START, END = SPECIAL_TOKENS = ("<pad>", "<unk>", "<image>", "<start>", "<end>")
CURLY_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
"""Phones put these in where our texts have the plain ones."""


def without_surrogates(text: str) -> str:
    """The text with surrogate pairs joined and lone surrogates replaced by U+FFFD, so that it is valid Unicode."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _normalizer() -> normalizers.Normalizer:
    quotes = [normalizers.Replace(curly, plain) for curly, plain in CURLY_QUOTES.items()]
    return normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase(), *quotes])


def bpe_backend(ids: dict[str, int], merges: Sequence[tuple[str, str]]) -> tokenizers.Tokenizer:
    """Byte-level BPE. The ids and merges of one that is yet to be trained are empty."""
    backend = tokenizers.Tokenizer(models.BPE(ids, list(merges)))
    backend.normalizer = _normalizer()
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return backend


def word_backend(ids: dict[str, int]) -> tokenizers.Tokenizer:
    """Splits at spaces and punctuation, but keeps words such as "t-shirt" whole that the vocabulary has."""
    # Left out: what the two general patterns find anyway, what has a space, and special tokens of any name.
    found_anyway = re.compile(r"\w*|[^\w\s]|.*\s.*|<.*>", re.DOTALL)
    mixed = sorted((word for word in ids if not found_anyway.fullmatch(word)), key=len, reverse=True)
    patterns = [("(?<!\\w)" if word[0].isalnum() else "") + re.escape(word) + "(?!\\w)" for word in mixed]
    backend = tokenizers.Tokenizer(models.WordLevel(ids, UNKNOWN))
    backend.normalizer = _normalizer()
    pattern = Regex("|".join([*patterns, "\\w+", "[^\\w\\s]"]))
    backend.pre_tokenizer = pre_tokenizers.Split(pattern, behavior="removed", invert=True)
    return backend


def bytes_of_tokens(vocabulary: Iterable[str]) -> tuple[bytes, ...]:
    """Undoes byte-level BPE's spelling, in which each byte has a printable character (GPT-2's table)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
    return tuple(bytes(byte_of.get(character, 0x3F) for character in token) for token in vocabulary)
