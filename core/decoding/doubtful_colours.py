"""Colors that a description must not name: those that the model doubts.

Nearly half of the colors in the starter model's descriptions were wrong: "a girl in a red shirt" wore a brown one. A color is
named only where it is more probable than all others together; else the sentence goes on without it, says less and is true.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from core.decoding.token_words import token_words
from core.text.question_kinds.answer_form import COLOUR_WORDS
from core.text.tokenizer import Tokenizer

LEAST_SHARE = 0.5
"""Of the probability of all colors that might come next, for one of them to be said."""


class DoubtfulColours:
    """Knows of a tokenizer which tokens are colors. One that is written in several tokens isn't known."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        words = token_words(tokenizer)
        self._ids = torch.tensor(
            [token for token, text in enumerate(words.texts) if words.begins[token] and text.lower() in COLOUR_WORDS],
            dtype=torch.long,
        )

    def forbid(self, logits: Tensor) -> None:
        """Takes all colors from the rows [R, V] in which none is likely enough, in place."""
        if not len(self._ids):
            return
        ids = self._ids.to(logits.device)
        surest = logits[:, ids].softmax(-1).amax(-1)
        rows = (surest <= LEAST_SHARE).nonzero()  # [R', 1]
        logits[rows, ids] = -torch.inf


@lru_cache(maxsize=4)
def doubtful_colours(tokenizer: Tokenizer) -> DoubtfulColours:
    """Made once for a tokenizer."""
    return DoubtfulColours(tokenizer)
