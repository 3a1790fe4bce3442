"""How many ...?"""

from __future__ import annotations

from training.object_lexicon import load_object_lexicon
from training.vqa_rules.read_image import LIVING, Candidate, ReadImage

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MIN_CAPTIONS = 2
"""Captions that must tell the number."""


def count_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about numbers that several captions tell and none contradicts."""
    lexicon = load_object_lexicon()
    named = {phrase.name for phrase in image.phrases() if phrase.name is not None}
    names = named.union(*(lexicon.ancestors(name) for name in named))
    found: list[Candidate] = []
    for name in sorted(names):
        entry = lexicon.objects[name]
        if name in ("adult", "animal") or entry.mass or entry.plural == entry.name:
            continue
        number = agreed_count(image, name)
        living = entry.type in LIVING
        if number is None or (number < 2 and not living):
            continue
        found.append(Candidate(image.name, "count", name, _questions(entry.plural), NUMBERS[number]))
    return found


def agreed_count(image: ReadImage, name: str) -> int | None:
    """How many there are, where at least two captions tell it and no caption tells otherwise."""
    lexicon = load_object_lexicon()
    counts = [image.count(caption, name) for caption in image.captions]
    told = [count for count in counts if count]
    if len(told) < MIN_CAPTIONS or len(set(told)) > 1 or not 1 <= told[0] < len(NUMBERS):
        return None
    if None in counts:
        return None
    root = lexicon.objects[name].type
    if root in LIVING:
        top = "person" if root == "people" else "animal"
        totals = [image.count(caption, top) for caption in image.captions]
        if any(total is not None and 0 < total < told[0] for total in totals):
            return None
        if any(total is None and count == 0 for total, count in zip(totals, counts, strict=True)):
            return None
        if name != top and any(not count and total for count, total in zip(counts, totals, strict=True)):
            return None  # a caption that says "two people" might mean one more or one fewer
    return told[0]


def _questions(plural: str) -> tuple[str, ...]:
    return (
        f"How many {plural} are there?", f"How many {plural} are in the picture?", f"How many {plural} are there in the image?",
        f"How many {plural} can you see?", f"How many {plural} do you see in this photo?", f"Count the {plural}.",
    )
