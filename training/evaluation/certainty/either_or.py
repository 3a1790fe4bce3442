"""Either-or questions that captions answer: of two things, colours, numbers, deeds or places, one is in the photo.

The choices are offered in either order, in many wordings. What a caption doesn't say may still be in the photo, so a choice
counts as wrong only where nothing that the captions say hints at it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from training.evaluation.certainty.either_or_words import (
    COLOURS,
    DEED_WORDINGS,
    DEEDS,
    NEAR_COLOURS,
    NUMBER_WORDINGS,
    PERSON_WORDINGS,
    PLACE_WORDINGS,
    PLACES,
    SCENES,
    SEXES,
    THING_WORDINGS,
)
from training.language.caption_parser import Phrase
from training.language.object_lexicon import LexiconObject, a_or_an, load_object_lexicon
from training.questions.rules.action import references_of
from training.questions.rules.clauses import find_clauses
from training.questions.rules.colour import agreed_colours
from training.questions.rules.count import NUMBERS, agreed_count
from training.questions.rules.presence import named_heads, surely_absent
from training.questions.rules.read_image import LIVING, ReadImage

PER_PHOTO = 2


@dataclass(frozen=True)
class EitherOr:
    """A question that offers two choices, and the one that captions give."""

    image: str
    topic: str
    question: str
    right: str
    wrong: str


@dataclass(frozen=True)
class _Pair:
    topic: str
    right: str
    wrong: str
    wordings: tuple[str, ...]
    """With {} for both choices; none of them begins with a capital where they do."""

    def worded(self, image: str, chance: random.Random) -> EitherOr:
        choices = [self.right, self.wrong]
        chance.shuffle(choices)
        if self.topic == "number":
            choices.sort(key=NUMBERS.index)  # nobody says "two or one"
        question = chance.choice(self.wordings).replace("{}", " or ".join(choices))
        return EitherOr(image, self.topic, question[:1].upper() + question[1:], self.right, self.wrong)


def either_or_questions(images: Sequence[ReadImage], *, seed: int) -> list[EitherOr]:
    """Some questions about each photo, of different topics where there are; the same for the same photos and seed."""
    found: list[EitherOr] = []
    for image in images:
        chance = random.Random(f"{seed}/either-or/{image.name}")
        by_topic: dict[str, list[_Pair]] = {}
        for pair in _pairs(image, chance):
            by_topic.setdefault(pair.topic, []).append(pair)
        topics = chance.sample(sorted(by_topic), min(PER_PHOTO, len(by_topic)))
        found += [chance.choice(by_topic[topic]).worded(image.name, chance) for topic in topics]
    return found


def _pairs(image: ReadImage, chance: random.Random) -> Iterator[_Pair]:
    yield from _things(image, chance)
    yield from _sexes(image)
    yield from _colours(image, chance)
    yield from _numbers(image, chance)
    yield from _scenes(image)
    yield from _places(image)
    yield from _deeds(image, chance)


def _things(image: ReadImage, chance: random.Random) -> Iterator[_Pair]:
    """A thing that is named beside one of the same type that isn't."""
    lexicon = load_object_lexicon()
    for name in sorted(named_heads(image)):
        entry = lexicon.objects[name]
        if not entry.ask or entry.type == "people":
            continue
        others = [
            other for other in lexicon.objects.values() if other.ask and other.type == entry.type and other.name not in
            lexicon.related(name) and surely_absent(image, other.name, lexicon.hint_words(other.name, image.words))
        ]
        if others:
            yield _Pair("thing", _thing(entry), _thing(chance.choice(others)), THING_WORDINGS)


def _thing(entry: LexiconObject) -> str:
    if entry.mass or entry.name == entry.plural:
        return entry.name
    return a_or_an(entry.name)


def _sexes(image: ReadImage) -> Iterator[_Pair]:
    """Of a lone person."""
    if not image.lone_person or image.sex_disputed:
        return
    for pair in SEXES:
        for right, wrong in (pair, pair[::-1]):
            if right in image.named and image.named.isdisjoint({name for other in SEXES for name in other} - {right}):
                yield _Pair("person", f"a {right}", f"a {wrong}", PERSON_WORDINGS)


def _colours(image: ReadImage, chance: random.Random) -> Iterator[_Pair]:
    heads: dict[str, Phrase] = {phrase.name: phrase for phrase in image.phrases() if phrase.name is not None and phrase.colours}
    for name, colours in sorted(agreed_colours(image).items()):
        if len(colours) != 1 or colours[0] not in COLOURS or name not in heads:
            continue
        others = [other for other in COLOURS if not _alike(other, colours[0])]
        phrase = heads[name]
        be = "are" if phrase.plural else "is"
        wordings = (f"{be} the {phrase.head} {{}}?", f"{be} the {phrase.head} {{}} in color?", f"the {phrase.head}: {{}}?",
                    f"{be} the {phrase.head} in the photo {{}}?", f"what color {be} the {phrase.head}, {{}}?")
        yield _Pair("color", colours[0], chance.choice(others), wordings)


def _alike(first: str, second: str) -> bool:
    return first == second or any({first, second} <= near for near in NEAR_COLOURS)


def _numbers(image: ReadImage, chance: random.Random) -> Iterator[_Pair]:
    lexicon = load_object_lexicon()
    for name in sorted(named_heads(image)):
        entry = lexicon.objects[name]
        counted = entry.type in LIVING and not entry.mass and name not in ("adult", "animal")
        number = agreed_count(image, name) if counted else None
        if number is not None and 1 <= number <= 4:
            other = chance.choice([near for near in (number - 1, number + 1) if near >= 1])
            wordings = tuple(wording.replace("{plural}", entry.plural) for wording in NUMBER_WORDINGS)
            yield _Pair("number", NUMBERS[number], NUMBERS[other], wordings)


def _scenes(image: ReadImage) -> Iterator[_Pair]:
    for one, other, wordings in SCENES:
        here, there = (not image.words.isdisjoint(scene.words) for scene in (one, other))
        if here != there:
            for names in zip(one.names, other.names, strict=True):
                right, wrong = names if here else names[::-1]
                yield _Pair(one.names[0], right, wrong, wordings)


def _places(image: ReadImage) -> Iterator[_Pair]:
    here = [place for place, words in PLACES.items() if not image.words.isdisjoint(words)]
    if len(here) == 1:
        for other in PLACES:
            if other != here[0]:
                yield _Pair("place", here[0], other, PLACE_WORDINGS)


def _deeds(image: ReadImage, chance: random.Random) -> Iterator[_Pair]:
    for caption in image.captions:
        for clause in find_clauses(caption):
            deed = clause.action.split(" ", 1)[0]
            others = [other for other, words in DEEDS.items() if image.words.isdisjoint(words | {other})]
            if deed not in DEEDS or not others:
                continue
            for who in references_of(image, clause):
                wordings = tuple(wording.replace("{be}", who.be).replace("{who}", who.text) for wording in DEED_WORDINGS)
                yield _Pair("deed", deed, chance.choice(others), wordings)
