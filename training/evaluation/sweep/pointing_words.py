"""The nouns of marked captions: which token each begins with, and which patches its box covers.

Shapes: S patches a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.text.prompt import encode_answer
from core.text.tokenizer import Tokenizer
from training.data.captions import CaptionedImage
from training.data.entities import Box, read_boxes, read_entities
from training.language.caption_parser import ParsedCaption, Phrase
from training.questions.vqa_pairs import clean_caption

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class PlacedWord:
    """A phrase's noun in one caption of a photo."""

    caption: int
    """Number of the caption among `PhotoWords.answers`."""
    token: int
    """Place among the caption's ids of the first token of the noun; the query that predicts it has the same place."""
    inside: BoolArray
    """[S*S]: patches in the phrase's boxes."""


@dataclass(frozen=True)
class PhotoWords:
    """A photo's captions as the model learns to say them, and their nouns that have a box."""

    answers: list[list[int]]
    """Token ids; the end token last, where it fits."""
    words: list[PlacedWord]


def read_photo_words(
    image: CaptionedImage, entities: Path, tokenizer: Tokenizer, *, side: int, max_tokens: int
) -> PhotoWords:
    """All nouns of the photo's marked captions whose phrase has a box."""
    boxes = read_boxes(entities, image.name)
    answers: list[list[int]] = []
    words: list[PlacedWord] = []
    for parsed in read_entities(entities, image.name) if boxes else ():
        text = clean_caption(parsed.text(0, len(parsed.tokens)))
        ids = encode_answer(tokenizer, text, max_tokens=max_tokens)
        found = [
            PlacedWord(len(answers), token, patches_inside(boxes[phrase.chain], side=side))
            for phrase in parsed.phrases
            if phrase.chain in boxes and (token := token_of_noun(parsed, phrase, text, ids, tokenizer)) is not None
        ]
        if found:
            answers.append(ids)
            words += found
    return PhotoWords(answers, words)


def token_of_noun(
    parsed: ParsedCaption, phrase: Phrase, text: str, ids: Sequence[int], tokenizer: Tokenizer
) -> int | None:
    """The first token of the phrase's noun among the ids of `text`; None where it is cut off or can't be found."""
    head = phrase.head.split()[-1]
    places = [place for place in range(phrase.start, phrase.end) if parsed.tokens[place] == head]
    if not places or not head[0].isalnum():  # a phrase that ends in 's
        return None
    before = clean_caption(parsed.text(0, places[-1]) + " x")[:-1].rstrip()
    # What stands before a word is cut into tokens the same way whatever follows it.
    start = tokenizer.encode(f" {before}") if before else []
    token = len(start)
    return token if token < len(ids) - 1 and list(ids[:token]) == start and text.startswith(before) else None


def patches_inside(boxes: Sequence[Box], *, side: int) -> BoolArray:
    """[S*S]: patches whose centre lies in one of the boxes; for a box between all centres the patch that holds its own."""
    centres = (np.arange(side) + 0.5) / side
    inside = np.zeros((side, side), dtype=np.bool_)
    for left, top, right, bottom in boxes:
        columns, rows = (centres >= left) & (centres <= right), (centres >= top) & (centres <= bottom)
        for chosen, middle in ((columns, (left + right) / 2), (rows, (top + bottom) / 2)):
            if not chosen.any():
                chosen[min(side - 1, max(0, int(middle * side)))] = True
        inside |= rows[:, None] & columns[None, :]
    return inside.flatten()
