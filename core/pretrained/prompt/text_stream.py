"""Token ids -> text, as it grows: only whole characters, with the spaces that the whole answer will have.

Works for byte-level BPE, where a token may hold a part of a character, and for SentencePiece, where spaces belong to the
token that follows and rare characters come as single bytes.
"""

from __future__ import annotations

import re
from typing import Any

UNFINISHED = "\ufffd"
_BYTE = re.compile(r"<0x[0-9A-Fa-f]{2}>")


class TextStream:
    """The text of one answer, piece by piece; the pieces together are what the tokenizer makes of all tokens."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._given = ""

    def push(self, token_id: int) -> str:
        """The text that is certain now and wasn't before; empty while a character is incomplete."""
        self._ids.append(token_id)
        # Bytes decide together what they mean, so none is certain before the last of them.
        certain = len(self._ids)
        while certain and self._is_byte(self._ids[certain - 1]):
            certain -= 1
        return self._advance(self._decode(self._ids[:certain]).rstrip(UNFINISHED))

    def finish(self) -> str:
        """What is left at the end; a character that was never completed is left out."""
        return self._advance(self._decode(self._ids).rstrip(UNFINISHED))

    def _advance(self, text: str) -> str:
        if not text.startswith(self._given):
            return ""
        piece, self._given = text[len(self._given) :], text
        return piece

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _is_byte(self, token_id: int) -> bool:
        token = self._tokenizer.convert_ids_to_tokens(token_id)
        return isinstance(token, str) and _BYTE.fullmatch(token) is not None
