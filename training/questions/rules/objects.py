"""Questions about the objects of a photo that has no captions, in the words in which people ask.

What belongs together here - kinds, sports, rooms - is that of COCO's eighty objects (Lin et al. 2014); other names are asked
for with the questions that need no such knowledge.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from training.data.entities import Box
from training.data.seen_objects import SeenObjects
from training.language.object_lexicon import described
from training.questions.rules.count import NUMBERS
from training.questions.rules.read_image import Candidate

KINDS_OF_THINGS: dict[str, tuple[frozenset[str], tuple[str, ...], tuple[str, ...]]] = {
    "animal": (
        frozenset({"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"}),
        ("What animal is this?", "What kind of animal is this?", "What type of animal is in the picture?",
         "What is the animal in the photo?", "Which animal is shown?"),
        ("What animals are these?", "What kind of animals are these?", "What type of animals are in the picture?",
         "What are these animals?", "What animal is in the photo?"),
    ),
    "vehicle": (
        frozenset({"bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"}),
        ("What kind of vehicle is this?", "What vehicle is in the picture?", "What type of vehicle is shown?",
         "What type of transportation is this?", "What is this vehicle?"),
        ("What kind of vehicles are these?", "What vehicles are in the picture?", "What are these vehicles?"),
    ),
    "food": (
        frozenset({"banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake"}),
        ("What kind of food is this?", "What food is in the picture?", "What type of food is shown?", "What is the food?"),
        ("What kind of food is this?", "What food is in the picture?", "What type of food is shown?", "What is the food?"),
    ),
}
"""Names of a kind, the questions for one of them, and for several."""
SPORTS = {
    "skis": "skiing", "snowboard": "snowboarding", "surfboard": "surfing", "skateboard": "skateboarding",
    "tennis racket": "tennis", "baseball bat": "baseball", "baseball glove": "baseball", "frisbee": "frisbee",
}
DOING = {**SPORTS, "tennis racket": "playing tennis", "baseball bat": "playing baseball", "baseball glove": "playing baseball",
         "frisbee": "playing frisbee", "kite": "flying kite"}
ROOMS = {"toilet": "bathroom", "oven": "kitchen", "refrigerator": "kitchen", "microwave": "kitchen", "toaster": "kitchen",
         "bed": "bedroom"}
INDOORS = frozenset({*ROOMS, "tv", "couch", "keyboard", "mouse", "sink", "remote"})
OUTDOORS = frozenset({
    "airplane", "bus", "train", "truck", "boat", "traffic light", "fire hydrant", "stop sign", "parking meter", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "skis", "snowboard", "kite", "baseball bat", "skateboard", "surfboard", "frisbee",
})
HELD = frozenset({
    "umbrella", "handbag", "frisbee", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket",
    "snowboard", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "banana", "apple", "sandwich", "hot dog", "pizza",
    "donut", "cake", "laptop", "remote", "cell phone", "book", "scissors", "teddy bear", "toothbrush", "suitcase",
})
RIDDEN = frozenset({"horse", "elephant", "motorcycle", "bicycle", "skateboard", "surfboard", "snowboard", "skis"})
SEATS = frozenset({"bench", "chair", "couch", "bed"})
TABLE = "table"
PERSON = "person"
SOMEBODY = ("person", "man", "person")
"""How a question names a lone person: what kind of person it is isn't known, and people seldom ask for a "person"."""
SEVERAL_SHARE = 0.35
"""Of what is alone in its photo, how much is asked whether there is more than one."""
MOST_COUNTED = 6
"""Beyond it people guess too."""
LARGE, SMALL = 0.15, 0.01
"""Parts of the photo: of what it is of, and of what nobody would mention."""
TOUCHING, WITHIN = 0.3, 0.6
"""Part of a thing that overlaps with what it is held by, and with what it lies on."""


def object_pairs(image: str, seen: SeenObjects, *, seed: int) -> list[Candidate]:
    """Everything that can be asked about a photo's objects, before a few questions are chosen."""
    rng = random.Random(f"{seed}/objects/{image}")
    found = [
        *_kinds(seen, rng), *_counts(seen, rng), *_activity(seen), *_person(seen), *_room(seen, rng), *_outdoors(seen, rng),
        *_lying(seen), *_beside(seen), *_sides(seen),
    ]
    return [Candidate(image, kind, topic, questions, answer) for kind, topic, questions, answer in found]


Asked = tuple[str, str, tuple[str, ...], str]
"""A question's kind, its topic, its wordings and the answer."""


def _kinds(seen: SeenObjects, rng: random.Random) -> Iterator[Asked]:
    """What kind of animal, vehicle or food, and whether it is this or another one."""
    for kind, (names, one, several) in KINDS_OF_THINGS.items():
        here = sorted(seen.names & names)
        if len(here) != 1:
            continue
        (name,) = here
        entry = described(name)
        many = seen.counts.get(name, len(seen.of(name))) > 1
        yield "object", kind, several if many else one, entry.plural if many else name
        others = sorted(names & seen.absent)
        if others and _area(seen, name) > LARGE:
            asked = name if rng.random() < 0.5 else rng.choice(others)
            plural = described(asked).plural
            questions = (f"Are these {plural}?", f"Are the {kind}s {plural}?") if many else (
                f"Is this {described(asked).with_article}?", f"Is the {kind} {described(asked).with_article}?")
            yield "presence", asked, questions[: 1 if kind == "food" else 2], "yes" if asked == name else "no"


def _counts(seen: SeenObjects, rng: random.Random) -> Iterator[Asked]:
    """How many, and whether there is more than one; as often with yes as with no, though most things are alone."""
    for name, number in sorted(seen.counts.items()):
        entry = described(name)
        if number > MOST_COUNTED or entry.mass:
            continue
        many = entry.plural
        yield "count", name, (
            f"How many {many} are in the picture?", f"How many {many} are there?", f"How many {many} can you see?",
            f"How many {many} are shown?", f"How many {many} are in the photo?", f"How many {many} are visible?",
        ), NUMBERS[number]
        if name != PERSON and (number > 1 or rng.random() < SEVERAL_SHARE):
            yield "presence", f"several {many}", (f"Is there more than one {name}?",), "yes" if number > 1 else "no"


def activities(seen: SeenObjects) -> set[str]:
    """What people do with the equipment that is seen: "skiing", "playing tennis"."""
    return {DOING[name] for name in seen.names & DOING.keys()}


def _activity(seen: SeenObjects) -> Iterator[Asked]:
    """The sport that the equipment tells."""
    sports = {SPORTS[name] for name in seen.names & SPORTS.keys()}
    doing = activities(seen)
    if PERSON not in seen.names:
        return
    if len(sports) == 1:
        yield "object", "sport", (
            "What sport is this?", "What sport is being played?", "What sport is shown?", "What game is being played?",
            "What sport is the person playing?", "What sport is this man doing?",
        ), sports.pop()
    if len(doing) == 1:
        who = ("What is the person doing?", "What is this person doing?", "What is the man doing?", "What is he doing?")
        several = ("What are the people doing?", "What are they doing?", "What are these people doing?")
        yield "action", "sport", who if _alone(seen) else several, doing.pop()


def _person(seen: SeenObjects) -> Iterator[Asked]:
    """What a lone person holds, rides and sits on."""
    body = next((o.box for o in _placed(seen) if o.name == PERSON), None)
    if body is None or not _alone(seen):
        return
    held = {o.name for o in _placed(seen) if o.name in HELD and _shared(o.box, body) > TOUCHING}
    if len(held) == 1:
        yield "object", "held", (
            *(f"What is the {who} holding?" for who in SOMEBODY), "What is in the person's hand?", "What is he holding?",
            "What is this person holding?",
        ), held.pop()
    below = [o.name for o in _placed(seen) if _under(o.box, body)]
    ridden, seats = (frozenset(below) & names for names in (RIDDEN, SEATS))
    if len(ridden) == 1:
        yield "object", "ridden", (
            *(f"What is the {who} riding?" for who in SOMEBODY), "What is he riding?", "What is the person on?",
        ), min(ridden)
    if len(seats) == 1 and not ridden:
        yield "object", "seat", (
            *(f"What is the {who} sitting on?" for who in SOMEBODY), "What is he sitting on?",
        ), min(seats)


def _room(seen: SeenObjects, rng: random.Random) -> Iterator[Asked]:
    """The room that the furniture tells."""
    rooms = {ROOMS[name] for name in seen.names & ROOMS.keys()}
    if {"couch", "tv"} <= seen.names:
        rooms.add("living room")
    if len(rooms) == 1:
        (room,) = rooms
        yield "object", "room", (
            "What room is this?", "Which room is this?", "What room is shown?", "What kind of room is this?",
        ), room
        yield "where", "photo", ("Where was this picture taken?", "Where is this?"), room
        asked = room if rng.random() < 0.5 else rng.choice(sorted({*ROOMS.values(), "living room"} - {room}))
        yield "presence", asked, (f"Is this a {asked}?", f"Is this photo taken in a {asked}?"), "yes" if asked == room else "no"


def _outdoors(seen: SeenObjects, rng: random.Random) -> Iterator[Asked]:
    """Whether it is outdoors, where everything says the same."""
    outdoors, indoors = seen.names & OUTDOORS, seen.names & INDOORS
    if bool(outdoors) != bool(indoors):
        inside = bool(indoors)
        if rng.random() < 0.5:
            yield "either", "indoors", (
                "Is this indoors or outdoors?", "Is it indoors or outdoors?", "Was this photo taken indoors or outdoors?",
            ), "indoors" if inside else "outdoors"
        else:
            yield "either", "inside", (
                "Is this inside or outside?", "Are they inside or outside?", "Was this taken inside or outside?",
            ), "inside" if inside else "outside"
        yield "presence", "outdoors", (
            "Is this outside?", "Is this outdoors?", "Was this picture taken outside?", "Is this an outdoor scene?",
        ), "no" if inside else "yes"
        yield "presence", "indoors", ("Is this indoors?", "Was this taken inside?", "Is this inside?"), "yes" if inside else "no"


def _lying(seen: SeenObjects) -> Iterator[Asked]:
    """What a lone cat or dog lies on."""
    for animal in ("cat", "dog"):
        marks = [o.box for o in _placed(seen) if o.name == animal]
        if len(marks) == 1:
            seats = {o.name for o in _placed(seen) if o.name in SEATS and _shared(marks[0], o.box) > WITHIN}
            if len(seats) == 1:
                (seat,) = seats
                yield "where", animal, (f"Where is the {animal}?",), f"on {seat}"
                yield "object", f"below {animal}", (
                    f"What is the {animal} lying on?", f"What is the {animal} on?", f"What is the {animal} sitting on?"), seat


def _beside(seen: SeenObjects) -> Iterator[Asked]:
    """What is on the table, and what is next to something."""
    tables = [o.box for o in _placed(seen) if o.name == TABLE]
    things = [o for o in _by_size(seen) if o.name not in (TABLE, PERSON, *SEATS)]
    on_table = [o.name for o in things if any(_shared(o.box, table) > WITHIN for table in tables)]
    if on_table:
        yield "object", "on table", (
            "What is on the table?", "What is sitting on the table?", "What's on the table?",
        ), on_table[0]
    for first, second in pairwise(things):
        if first.name != second.name and _touch(first.box, second.box):
            for one, other in ((first, second), (second, first)):
                if len(seen.of(one.name)) == 1:
                    yield "object", f"beside {one.name}", (
                        f"What is next to the {one.name}?", f"What is beside the {one.name}?", f"What is by the {one.name}?",
                    ), other.name


def _sides(seen: SeenObjects) -> Iterator[Asked]:
    """What is on the left and on the right: the largest thing that is on that side alone."""
    large = [o for o in _by_size(seen) if _size(o.box) > LARGE / 3]
    sides = {"left": [o for o in large if o.box.right < 0.5], "right": [o for o in large if o.box.left > 0.5]}
    for side, here in sides.items():
        if here and len(seen.of(here[0].name)) == 1:
            yield "object", side, (
                f"What is on the {side}?", f"What is on the {side} side of the picture?", f"What is that on the {side}?",
            ), here[0].name


class Placed(NamedTuple):
    """An object with its place."""

    name: str
    box: Box


def _placed(seen: SeenObjects) -> list[Placed]:
    return [Placed(o.name, o.box) for o in seen.objects if o.box is not None]


def _alone(seen: SeenObjects) -> bool:
    return seen.counts.get(PERSON) == 1 and len(seen.of(PERSON)) == 1


def _by_size(seen: SeenObjects) -> list[Placed]:
    """What is large enough to be mentioned, the largest first."""
    return sorted((o for o in _placed(seen) if _size(o.box) > SMALL), key=lambda o: -_size(o.box))


def _area(seen: SeenObjects, name: str) -> float:
    return max((_size(o.box) for o in _placed(seen) if o.name == name), default=0.0)


def _size(box: Box) -> float:
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)


def _shared(inner: Box, outer: Box) -> float:
    """The part of a box that lies in another one."""
    both = Box(max(inner.left, outer.left), max(inner.top, outer.top), min(inner.right, outer.right),
               min(inner.bottom, outer.bottom))
    return _size(both) / max(_size(inner), 1e-9) if both.right > both.left and both.bottom > both.top else 0.0


def _under(thing: Box, body: Box) -> bool:
    """Whether somebody is on it: they overlap, and the thing reaches further down than the middle of the body."""
    overlaps = _shared(body, thing) > 0.25 or _shared(thing, body) > TOUCHING
    return overlaps and (thing.top + thing.bottom) > (body.top + body.bottom)


def _touch(first: Box, second: Box) -> bool:
    """Whether two boxes are side by side with at most a small gap, neither within the other."""
    gap = max(first.left, second.left) - min(first.right, second.right)
    level = min(first.bottom, second.bottom) - max(first.top, second.top)
    return -0.1 < gap < 0.1 and level > 0
