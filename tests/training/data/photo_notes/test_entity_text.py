"""Boxes that were drawn reach the words that they are about."""

from __future__ import annotations

import pytest

from training.data.entities import Box, parse_boxes
from training.data.photo_notes.entity_text import box_annotation, marked_captions
from training.data.photo_notes.notes import MarkedObject
from training.language.caption_parser import parse_caption, parse_entity_sentence

DOG, FLAG = Box(0.1, 0.2, 0.5, 0.8), Box(0.6, 0.05, 0.7, 0.3)


def words_of(caption: str, *names: str) -> dict[str, str]:
    """For each name with a box, the words of the caption that are about it."""
    objects = [MarkedObject(name, DOG) for name in names]
    boxes = parse_boxes(box_annotation(objects, width=640, height=480))
    parsed = parse_entity_sentence(marked_captions([caption], objects).strip())
    found = {phrase.chain: " ".join(phrase.words) for phrase in parsed.phrases if phrase.chain in boxes}
    return {name: found[str(number)] for number, name in enumerate(names, start=1) if str(number) in found}


@pytest.mark.parametrize(
    ("caption", "names", "expected"),
    [
        ("A brown dog runs.", ["dog"], {"dog": "a brown dog"}),
        ("Two brown dogs run.", ["dog"], {"dog": "two brown dogs"}),
        ("A puppy, and a red ball.", ["dog", "red ball"], {"dog": "a puppy", "red ball": "a red ball"}),
        ("The windsock flies over the beach", ["windsock"], {"windsock": "windsock"}),
        ("A man's hat", ["hat"], {"hat": "hat"}),
        ("A boat on the sea", ["dog"], {}),
    ],
)
def test_a_name_finds_its_phrase(caption: str, names: list[str], expected: dict[str, str]) -> None:
    assert words_of(caption, *names) == expected


def test_no_phrase_is_lost_by_marking_another() -> None:
    caption = "A man in a red shirt throws a ball to two dogs ."
    parsed = parse_entity_sentence(marked_captions([caption], [MarkedObject("ball", DOG)]).strip())
    assert parsed.tokens == parse_caption(caption).tokens
    assert [phrase.name for phrase in parsed.phrases] == [phrase.name for phrase in parse_caption(caption).phrases]


def test_boxes_come_back_to_a_pixel() -> None:
    objects = [MarkedObject("dog", DOG), MarkedObject("flag", FLAG), MarkedObject("dog", FLAG), MarkedObject("sea")]
    boxes = parse_boxes(box_annotation(objects, width=1000, height=500))
    assert set(boxes) == {"1", "2"}
    assert len(boxes["1"]) == 2
    assert boxes["2"][0] == pytest.approx(FLAG, abs=1 / 500)
