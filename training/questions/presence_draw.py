"""Yes/no questions drawn afresh for every epoch, balanced for each object and for each photo.

A photo allows dozens of them, and a fixed handful teaches little. Two photos are asked for the same two objects, of which
each shows one: "is there a dog?" and "is there a boat?" to both. So neither the question alone nor the photo alone gives
the answer away; only the two together do.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from training.data.seen_objects import SeenObjects
from training.language.object_lexicon import described, load_object_lexicon
from training.questions.rules.presence import images_without, named_heads, presence_questions
from training.questions.rules.read_image import ReadImage

TRIES = 6
"""Passes in which photos that found no partner are paired again."""


@dataclass(frozen=True)
class PresenceQuestion:
    """Whether a photo shows an object."""

    object: str
    present: bool


@dataclass(frozen=True)
class PresenceFacts:
    """What each photo certainly shows and certainly doesn't, by the object lexicon; in the order of the photos."""

    present: tuple[frozenset[str], ...]
    absent: tuple[frozenset[str], ...]

    def draw(self, *, per_photo: int, seed: str) -> list[list[PresenceQuestion]]:
        """Questions for each photo, as many with yes as with no and at most `per_photo`; each object likewise over all."""
        rng = random.Random(seed)
        drawn = _Drawn(self, rng, [[] for _ in self.present], [set() for _ in self.present])
        for _ in range(per_photo // 2):
            waiting = list(range(len(self.present)))
            for _ in range(TRIES):
                rng.shuffle(waiting)
                pairs = list(zip(waiting[::2], waiting[1::2], strict=False))
                left = waiting[2 * len(pairs) :]
                waiting = [photo for pair in pairs if not drawn.ask(*pair) for photo in pair] + left
        return drawn.questions


@dataclass
class _Drawn:
    """A draw on its way."""

    facts: PresenceFacts
    rng: random.Random
    questions: list[list[PresenceQuestion]]
    asked: list[set[str]] = field(default_factory=list[set[str]])

    def ask(self, first: int, second: int) -> bool:
        """Ask both photos for one object of each. False: there is no such pair of objects that is new to both."""
        only_first, only_second = self._only_in(first, second), self._only_in(second, first)
        if not only_first or not only_second:
            return False
        for name, shows, lacks in ((self.rng.choice(only_first), first, second), (self.rng.choice(only_second), second, first)):
            for photo in (shows, lacks):
                self.asked[photo].add(name)
                self.questions[photo].append(PresenceQuestion(name, photo == shows))
        return True

    def _only_in(self, shows: int, lacks: int) -> list[str]:
        found = (self.facts.present[shows] & self.facts.absent[lacks]) - self.asked[lacks]
        # What a photo lacks is plenty, what it shows is soon asked for: then it is asked for again, in other words.
        return sorted(found - self.asked[shows]) or sorted(found)


def presence_facts(
    images: Sequence[ReadImage], *, left_out: Collection[str] = (), seen: Mapping[str, SeenObjects] = MappingProxyType({})
) -> PresenceFacts:
    """Of each object that people would mention: whether the captions name it, or leave no doubt that it is absent.

    left_out: names of images whose captions nothing is to be asked about; the others' facts don't depend on them.
    seen: what is known to be in some images, by name, which is asked about in place of their captions.
    """
    ask = frozenset(name for name, entry in load_object_lexicon().objects.items() if entry.ask)
    vocabulary = frozenset[str]().union(*(image.words for image in images))
    lacking: list[set[str]] = [set() for _ in images]
    for name in sorted(ask):
        for index in images_without(name, images, vocabulary):
            lacking[index].add(name)
    asked = [image.name not in left_out for image in images]
    present = [named_heads(image) & ask if used else frozenset() for image, used in zip(images, asked, strict=True)]
    absent = [frozenset(names) if used else frozenset() for names, used in zip(lacking, asked, strict=True)]
    for index, image in enumerate(images):
        if (known := seen.get(image.name)) is not None:
            present[index], absent[index] = known.names, known.absent
    return PresenceFacts(tuple(present), tuple(absent))


def question_wordings(facts: PresenceFacts) -> dict[str, tuple[str, ...]]:
    """The wordings of the question for each object that may be asked for."""
    names = sorted(frozenset[str]().union(*facts.present))
    return {name: presence_questions(described(name)) for name in names}
