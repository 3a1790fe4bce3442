"""The nouns of marked captions: which token each begins with, and which patches its box covers.

Shapes: S patches a side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.photo_layout import PlaceGrid
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
class MarkedCaption:
    """A caption of a photo as people wrote it, and what stands in it that has a box."""

    text: str
    nouns: dict[int, tuple[Box, ...]]
    """Where a noun begins in the text -> the boxes of its phrase."""


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
    before = _before_noun(parsed, phrase, text)
    if before is None:
        return None
    # What stands before a word is cut into tokens the same way whatever follows it.
    start = tokenizer.encode(f" {before}") if before else []
    token = len(start)
    return token if token < len(ids) - 1 and list(ids[:token]) == start else None


def read_marked_captions(image: CaptionedImage, entities: Path) -> list[MarkedCaption]:
    """The photo's marked captions that have a noun whose phrase has a box."""
    boxes = read_boxes(entities, image.name)
    found: list[MarkedCaption] = []
    for parsed in read_entities(entities, image.name) if boxes else ():
        text = clean_caption(parsed.text(0, len(parsed.tokens)))
        nouns: dict[int, tuple[Box, ...]] = {}
        for phrase in parsed.phrases:
            found_boxes = boxes.get(phrase.chain or "", ())
            before = _before_noun(parsed, phrase, text) if found_boxes else None
            if before is not None:
                place = len(before) + (1 if before else 0)
                if place < len(text):
                    nouns[place] = found_boxes
        if nouns:
            found.append(MarkedCaption(text, nouns))
    return found


def _before_noun(parsed: ParsedCaption, phrase: Phrase, text: str) -> str | None:
    """What `text` has before the phrase's noun, without the space between; None where that can't be found."""
    head = phrase.head.split()[-1]
    places = [place for place in range(phrase.start, phrase.end) if parsed.tokens[place] == head]
    if not places or not head[0].isalnum():  # a phrase that ends in 's
        return None
    before = clean_caption(parsed.text(0, places[-1]) + " x")[:-1].rstrip()
    return before if text.startswith(before) else None


def patches_inside(boxes: Sequence[Box], *, side: int) -> BoolArray:
    """[S*S]: see places_inside."""
    return places_inside(boxes, PlaceGrid.even(side, side))


def places_inside(boxes: Sequence[Box], grid: PlaceGrid) -> BoolArray:
    """[rows * columns]: places whose centre lies in one of the boxes; for a box between all centres the place that holds its
    own."""
    x, y = (np.asarray(edges) for edges in (grid.x, grid.y))
    middle_x, middle_y = (x[:-1] + x[1:]) / 2, (y[:-1] + y[1:]) / 2
    inside = np.zeros((grid.rows, grid.columns), dtype=np.bool_)
    for left, top, right, bottom in boxes:
        columns, rows = (middle_x >= left) & (middle_x <= right), (middle_y >= top) & (middle_y <= bottom)
        row, column = grid.at((left + right) / 2, (top + bottom) / 2)
        if not columns.any():
            columns[column] = True
        if not rows.any():
            rows[row] = True
        inside |= rows[:, None] & columns[None, :]
    return inside.flatten()
