"""What each token of a tokenizer says within an answer."""

from __future__ import annotations

from functools import lru_cache

from core.text.tokenizer import StreamDecoder, Tokenizer


class TokenWords:
    """Of each token its text, and whether a word begins with it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.texts: list[str] = []
        """Without the space before it; empty for a special token or a part of a character."""
        self.begins: list[bool] = []
        """Whether it begins a word wherever it stands."""
        before = next(token for token in range(tokenizer.vocabulary_size) if _text_after(tokenizer, None, token).isalpha())
        for token in range(tokenizer.vocabulary_size):
            text = _text_after(tokenizer, before, token)
            word = text.strip()
            self.texts.append(word)
            self.begins.append(text != word and bool(word))


@lru_cache(maxsize=4)
def token_words(tokenizer: Tokenizer) -> TokenWords:
    """Made once for a tokenizer: it looks at every token."""
    return TokenWords(tokenizer)


def _text_after(tokenizer: Tokenizer, before: int | None, token: int) -> str:
    """What a token adds behind another one, or at the start."""
    decoder = StreamDecoder(tokenizer)
    if before is not None:
        decoder.push(before)
    return decoder.push(token)
