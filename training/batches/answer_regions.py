"""Which part of a photo each token of an answer is about, where the dataset marks phrases and boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.text.prompt import answer_offsets
from core.text.tokenizer import Tokenizer
from training.batches.dataset import NO_REGION
from training.batches.regions import PhotoRegions
from training.language.caption_parser import ParsedCaption


def caption_regions(
    caption: str, tokenizer: Tokenizer, marked: Sequence[ParsedCaption], photo: PhotoRegions
) -> tuple[int, ...]:
    """For each token of a caption the region of its phrase, NO_REGION where it has none; empty where all have none.

    marked: the photo's captions with their phrases. They are spelt and spaced somewhat otherwise, so that letters and
    digits alone are compared.
    """
    phrases = next((found for parsed in marked if (found := _phrases_in(caption, parsed, photo)) is not None), None)
    if not phrases:
        return ()
    regions = tuple(
        next((region for start, end, region in phrases if start <= first < end), NO_REGION)
        for first in _first_letters(caption, answer_offsets(tokenizer, caption))
    )
    return regions if any(region != NO_REGION for region in regions) else ()


def _phrases_in(caption: str, parsed: ParsedCaption, photo: PhotoRegions) -> list[tuple[int, int, int]] | None:
    """Each phrase's first letter, the one after its last, and its region; None where this is another caption."""
    letters = [_letters(token) for token in parsed.tokens]
    if "".join(letters) != _letters(caption):
        return None
    starts = [0]
    for token in letters:
        starts.append(starts[-1] + len(token))
    return [
        (starts[phrase.start], starts[phrase.end], region)
        for phrase in parsed.phrases
        if phrase.chain is not None and (region := photo.number([phrase.chain])) is not None
    ]


def _first_letters(caption: str, offsets: Sequence[tuple[int, int]]) -> Iterator[int]:
    """How many letters stand before each token's first letter."""
    for start, _ in offsets:
        yield len(_letters(caption[:start]))


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
