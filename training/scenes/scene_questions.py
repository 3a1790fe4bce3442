"""Questions about scenes with their answers. Every answer is certain, and "no" means that there is none."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from training.data.qa_pair import QaPair
from training.language.object_lexicon import plural_of
from training.scenes.scene import COLOURS, KINDS, Scene, Shape
from training.scenes.scene_captions import relation_of, single_shapes
from training.scenes.wording import NUMBER_WORDS, with_article

OPPOSITES = {
    "to the left of": "to the right of", "to the right of": "to the left of", "above": "below", "below": "above",
}
RELATION_QUESTIONS = 2
"""About one scene, at most."""
PRESENCE_TRIES = 4
"""Names of each answer that a scene offers for yes/no questions."""
NEAR_SHARE = 0.6
"""Part of the absent things whose colour and kind are both in the picture, on other shapes."""


def scene_questions(scenes: Sequence[Scene], *, seed: int) -> list[QaPair]:
    """All questions about the scenes of one split, by scene. Each thing is asked about as often where it is as where not."""
    asked: dict[str, list[QaPair]] = {scene.name: _questions(scene, seed=seed) for scene in scenes}
    for pair in _presence(scenes, seed=seed):
        asked[pair.image].append(pair)
    return [pair for pairs in asked.values() for pair in dict.fromkeys(pairs)]


def _questions(scene: Scene, *, seed: int) -> list[QaPair]:
    rng = random.Random(f"{seed} questions {scene.name}")
    found = [*_colour(scene, rng), *_count(scene, rng), *_where(scene, rng), *_what(scene, rng), *_relation(scene, rng)]
    return [QaPair(scene.name, question, answer, kind) for question, answer, kind in found]


Found = Iterator[tuple[str, str, str]]
"""Question, answer, kind of question."""


def _colour(scene: Scene, rng: random.Random) -> Found:
    for kind in KINDS:
        groups = scene.groups_of(kind)
        if len(groups) == 1:
            one = len(groups[0]) == 1
            noun, be = (kind, "is") if one else (plural_of(kind), "are")
            yield rng.choice((
                f"What colour {be} the {noun}?", f"Which colour {'does' if one else 'do'} the {noun} have?",
                f"What is the colour of the {noun}?",
            )), groups[0].first.colour, "colour"
    yield rng.choice(("What colour is the background?", "Which colour is the background?")), scene.background, "colour"


def _count(scene: Scene, rng: random.Random) -> Found:
    names = [group.first.name for group in scene.groups]
    kinds = [kind for kind in KINDS if len(scene.groups_of(kind)) > 1]
    for name in (*names, *kinds, "shape"):
        noun = plural_of(name)
        yield rng.choice((
            f"How many {noun} are there?", f"How many {noun} are in the picture?", f"How many {noun} do you see?",
        )), NUMBER_WORDS[scene.counts[name]], "count"


def _where(scene: Scene, rng: random.Random) -> Found:
    for shape in single_shapes(scene):
        name = shape.kind if scene.counts[shape.kind] == 1 and rng.random() < 0.5 else shape.name
        yield rng.choice((f"Where is the {name}?", f"Where in the picture is the {name}?")), shape.place, "where"


def _what(scene: Scene, rng: random.Random) -> Found:
    # "On the left" may mean three places, a corner or the middle only one.
    certain = [shape for shape in scene.shapes if (shape.row == 1) == (shape.column == 1)]
    for shape in rng.sample(certain, min(1, len(certain))):
        yield f"What is {shape.place}?", with_article(shape.name), "what"
    for colour in COLOURS:
        groups = [group for group in scene.groups if group.first.colour == colour]
        if len(groups) == 1 and len(groups[0]) == 1:
            yield rng.choice((f"Which shape is {colour}?", f"What is {colour}?")), groups[0].first.kind, "what"


def _relation(scene: Scene, rng: random.Random) -> Found:
    singles = single_shapes(scene)
    pairs = [(one, other) for one in singles for other in singles if one is not other]
    rng.shuffle(pairs)
    for one, other in pairs[:RELATION_QUESTIONS]:
        yield _relation_question(one, other, rng)


def _relation_question(one: Shape, other: Shape, rng: random.Random) -> tuple[str, str, str]:
    relation = relation_of(one, other, rng)
    assert relation is not None, "two shapes of a scene never share a cell"
    answer = rng.choice(("yes", "no"))
    asked = relation if answer == "yes" else OPPOSITES[relation]
    return f"Is the {one.name} {asked} the {other.name}?", answer, "relation"


def _presence(scenes: Sequence[Scene], *, seed: int) -> Iterator[QaPair]:
    """Is there a ...? Of each thing as many scenes with it as without it, so that no thing gives its answer away."""
    offered: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"yes": [], "no": []})
    for scene in scenes:
        rng = random.Random(f"{seed} presence {scene.name}")
        present = sorted(name for name in scene.counts if name != "shape")
        for name in rng.sample(present, min(PRESENCE_TRIES, len(present))):
            offered[name]["yes"].append(scene.name)
        for name in dict.fromkeys(_absent(scene, rng) for _ in range(PRESENCE_TRIES)):
            offered[name]["no"].append(scene.name)
    for name, images in sorted(offered.items()):
        rng = random.Random(f"{seed} presence of {name}")
        number = min(map(len, images.values()))
        for answer, where in images.items():
            for image in rng.sample(where, number):
                yield QaPair(image, _presence_question(name, rng), answer, "presence")


def _absent(scene: Scene, rng: random.Random) -> str:
    """Something that isn't in the scene: a kind, or a colour and kind, often ones that other shapes have."""
    if rng.random() < len(KINDS) / (len(KINDS) + 2 * len(COLOURS)):
        return rng.choice([kind for kind in KINDS if not scene.counts[kind]])
    near = [f"{a.first.colour} {b.first.kind}" for a in scene.groups for b in scene.groups]
    near = [name for name in near if not scene.counts[name]]
    if near and rng.random() < NEAR_SHARE:
        return rng.choice(near)
    return rng.choice([name for colour in COLOURS for kind in KINDS if not scene.counts[name := f"{colour} {kind}"]])


def _presence_question(name: str, rng: random.Random) -> str:
    thing, things = with_article(name), plural_of(name)
    return rng.choice((
        f"Is there {thing} in the picture?", f"Is there {thing}?", f"Can you see {thing}?", f"Do you see {thing}?",
        f"Are there any {things}?", f"Does the image show {thing}?",
    ))
