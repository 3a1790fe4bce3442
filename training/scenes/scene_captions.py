"""What people might say of a scene; everything in it is true."""

from __future__ import annotations

import random

from training.scenes.scene import Scene, Shape
from training.scenes.wording import NUMBER_WORDS, group_phrase, listed, with_article

CAPTIONS = 5


def scene_captions(scene: Scene, *, seed: int) -> list[str]:
    """CAPTIONS different captions, the first of which mentions every shape."""
    rng = random.Random(f"{seed} captions {scene.name}")
    made = {_everything(scene, rng): None}
    writers = [_placed, _beside, _overview, _everything]
    while len(made) < CAPTIONS:
        writer = writers[len(made) % len(writers)]
        made.setdefault(writer(scene, rng) or _everything(scene, rng))
    return [f"{text[0].upper()}{text[1:]} ." for text in made]


def _phrases(scene: Scene, rng: random.Random) -> list[str]:
    groups = list(scene.groups)
    rng.shuffle(groups)
    return [group_phrase(group, sized=rng.random() < 0.5) for group in groups]


def _everything(scene: Scene, rng: random.Random) -> str:
    parts = _phrases(scene, rng)
    things, ground = listed(parts), with_article(f"{scene.background} background")
    be = "is" if parts[0].startswith(("a ", "an ")) else "are"
    return rng.choice((
        f"{things} on {ground}", f"there {be} {things}", f"there {be} {things} on {ground}",
        f"{with_article(scene.background)} picture with {things}", f"the picture shows {things}",
        f"on {ground} there {be} {things}", f"{things} can be seen in this picture", f"{things} in front of {ground}",
    ))


def _overview(scene: Scene, rng: random.Random) -> str:
    total = scene.counts["shape"]
    number = "one shape" if total == 1 else f"{NUMBER_WORDS[total]} shapes"
    things = listed(_phrases(scene, rng))
    ground = with_article(f"{scene.background} background")
    return rng.choice((
        f"{number} on {ground} : {things}", f"{number} : {things}", f"a picture of {number} , {things}",
        f"{with_article(scene.background)} picture with {number} , namely {things}",
    ))


def single_shapes(scene: Scene) -> list[Shape]:
    """Shapes that are the only one of their colour and kind."""
    return [group.first for group in scene.groups if len(group) == 1]


def _placed(scene: Scene, rng: random.Random) -> str | None:
    """One shape with its place, and perhaps what else there is."""
    singles = single_shapes(scene)
    if not singles:
        return None
    shape = rng.choice(singles)
    thing = with_article(shape.name)
    rest = [group for group in scene.groups if group.first is not shape]
    if not rest or rng.random() < 0.4:
        return rng.choice((
            f"{thing} {shape.place}", f"{thing} is {shape.place} of the picture", f"{shape.place} there is {thing}",
        ))
    others = listed([group_phrase(group, sized=rng.random() < 0.5) for group in rest])
    return rng.choice((f"{thing} {shape.place} and {others} elsewhere", f"besides {others} there is {thing} {shape.place}"))


def _beside(scene: Scene, rng: random.Random) -> str | None:
    """Two single shapes, and which is farther to the left or higher up."""
    singles = single_shapes(scene)
    rng.shuffle(singles)
    for one in singles:
        for other in singles:
            if relation := relation_of(one, other, rng):
                return f"{with_article(one.name)} {rng.choice(('', 'is '))}{relation} {with_article(other.name)}"
    return None


def relation_of(one: Shape, other: Shape, rng: random.Random) -> str | None:
    """How one shape stands to another one in another column or row; None for the same shape."""
    found: list[str] = []
    if one.column != other.column:
        found.append("to the left of" if one.column < other.column else "to the right of")
    if one.row != other.row:
        found.append("above" if one.row < other.row else "below")
    return rng.choice(found) if found else None
