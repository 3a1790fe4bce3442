"""An answer that somebody else has written, given to the model token by token: where its heads look before each word.

Shapes: L layers, H heads, C cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.answers import FloatArray, HalfArray
from core.pretrained.decoding.decoding_run import DecodingRun, LoadedModel, ReadPrompt, Settings


@dataclass(frozen=True)
class WordMaps:
    """What the heads did for the query that predicts the first token of a word."""

    place: int
    """Where the word begins in the text."""
    maps: HalfArray
    """[L, H, C] attention on each cell."""
    mass: FloatArray
    """[L, H] attention on the photo."""


def maps_of_words(
    loaded: LoadedModel, prompt: ReadPrompt, tokenizer: Any, text: str, places: Sequence[int]
) -> Iterator[WordMaps]:
    """The maps for the words that begin at these places of the text, in their order in it. Nothing is suppressed."""
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, ends = encoded["input_ids"], [end for _, end in encoded["offset_mapping"]]
    wanted = {_token_at(place, ends): place for place in sorted(places, reverse=True)}
    run = DecodingRun(loaded, prompt, Settings(), again=True)
    for index in range(max(wanted, default=-1) + 1):
        if index:
            run.append(ids[index - 1])
        run.next_logits(keep_heads=index in wanted)
        if index in wanted:
            yield WordMaps(wanted[index], run.head_maps(), run.heads().mass)


def _token_at(place: int, ends: Sequence[int]) -> int:
    """The token that the text's letter at this place belongs to. ends: where each token ends in the text."""
    return next(index for index, end in enumerate(ends) if end > place)
