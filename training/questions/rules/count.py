"""How many ...?"""

from __future__ import annotations

from core.text.question_kinds.answer_form import NUMBER_WORDS
from training.language.caption_parser import ParsedCaption
from training.language.object_lexicon import load_object_lexicon
from training.questions.rules.read_image import LIVING, Candidate, ReadImage, count_named

NUMBERS = ("no", *NUMBER_WORDS[1:])
MIN_CAPTIONS = 2
"""Captions that must agree on a small number."""
SELDOM_WRONG = 3
"""From here on one caption is enough: nobody writes "three" for one or two."""
MANY = frozenset({"group", "crowd", "team", "several", "many", "bunch", "others", "audience", "spectators", "crowded"})


def count_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about numbers that several captions give and none contradicts."""
    lexicon = load_object_lexicon()
    named = {phrase.name for phrase in image.phrases() if phrase.name is not None}
    names = named.union(*(lexicon.ancestors(name) for name in named))
    found: list[Candidate] = []
    for name in sorted(names):
        entry = lexicon.objects[name]
        if name in ("adult", "animal") or entry.type == "bodyparts" or entry.mass or entry.plural == entry.name:
            continue
        number = agreed_count(image, name)
        living = entry.type in LIVING
        if number is None or (number < 2 and not living):
            continue
        found.append(Candidate(image.name, "count", name, _questions(entry.plural), NUMBERS[number]))
    return found


def agreed_count(image: ReadImage, name: str) -> int | None:
    """How many there are, where enough captions say so and none says otherwise."""
    counts = [image.count(caption, name) for caption in image.captions]
    stated = {count for count in counts if count}
    if len(stated) != 1:
        return None
    number = stated.pop()
    enough = MIN_CAPTIONS if number < SELDOM_WRONG else 1
    if number >= len(NUMBERS) or counts.count(number) < enough:
        return None
    if None in counts and (number == 1 or (number == 2 and MANY & image.words)):
        return None
    if all(_agrees(image, caption, name, number) for caption in image.captions):
        return number
    return None


def _agrees(image: ReadImage, caption: ParsedCaption, name: str, number: int) -> bool:
    """Whether what a caption says in more general words ("two people") can be the same ones."""
    lexicon = load_object_lexicon()
    general = count_named(caption, lexicon.ancestors(name))
    stated = image.count(caption, name)
    if stated != 0:
        return general == 0
    if lexicon.objects[name].type not in LIVING:
        return True
    if general == 0:
        top = "person" if lexicon.objects[name].type == "people" else "animal"
        return image.count(caption, top) == 0  # otherwise it mentions some of another kind
    return general == number or (general is None and number > 1)


def _questions(plural: str) -> tuple[str, ...]:
    return (
        f"How many {plural} are there?", f"How many {plural} are in the picture?",
        f"How many {plural} are there in the image?",
        f"How many {plural} can you see?", f"How many {plural} do you see in this photo?", f"Count the {plural}.",
    )
