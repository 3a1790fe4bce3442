"""Objects that captions claim to be there, on captions checked by hand."""

from __future__ import annotations

import pytest

from training.evaluation.metrics.chair import ObjectJudge
from training.evaluation.metrics.named_things import named_things
from training.language.object_lexicon import load_object_lexicon


@pytest.mark.parametrize(
    ("caption", "names"),
    [
        # compounds are what their last word is
        ("a dog house in the snow", ["house", "snow"]),
        ("a man with a snow board", ["man", "snowboard"]),
        ("a horse race", []),
        ("a red fire truck", ["truck"]),
        ("a boy eats a hot dog", ["boy", "food"]),
        ("a woman waits at the bus stop", ["woman", "station"]),
        ("a child in a car seat", ["child"]),
        ("men on a ball field", ["man", "field"]),
        ("a toy car", ["toy"]),
        ("a dog toy", ["toy"]),
        ("a horse statue", ["statue"]),
        ("a beach volleyball player", ["person"]),
        ("two bike riders", ["person"]),
        ("a boy mountain biking", ["boy"]),
        ("a cow girl on a horse", ["girl", "horse"]),
        ("a jet ski on a lake", ["vehicle", "lake"]),
        ("a christmas tree", ["christmas tree"]),
        # what somebody does is no thing
        ("a boy swings a bat", ["boy", "bat"]),
        ("a boy on a swing", ["boy", "swing"]),
        ("a girl slides down a slide", ["girl", "slide"]),
        ("children swing on swings", ["child", "swing"]),
        ("people watch a train", ["person", "train"]),
        ("a man waves", ["man"]),
        ("a man who trains dogs", ["man", "dog"]),
        ("a dog jumps and slides into a swimming pool", ["dog", "swimming pool"]),
        ("the swings and slides", ["swing", "slide"]),
        # lists without their commas
        ("a man woman and child", ["man", "woman", "child"]),
        # irregular plurals, and colours that are fruits
        ("women feed geese and sheep by the benches", ["woman", "bird", "sheep", "bench"]),
        ("men with knives near the leaves", ["man", "knife", "leaf"]),
        ("two policemen and firemen", ["man", "man"]),
        ("a girl in an orange shirt", ["girl", "shirt"]),
        ("an orange and white cat", ["cat"]),
    ],
)
def test_things_that_are_claimed(caption: str, names: list[str]) -> None:
    lexicon = load_object_lexicon()
    assert [mention.names[0] for mention in named_things(lexicon, caption.split())] == names


@pytest.mark.parametrize(
    ("caption", "reference", "invented"),
    [
        ("a person on a bench", "a man walks", ["bench"]),
        ("a child on the grass", "a boy in a field", []),
        ("a boy on the grass", "a child in a field", []),
        ("a girl on the grass", "a boy in a field", ["girl"]),
        ("a man with glasses", "a man smiles", []),  # they may be worn: people seldom mention them
        ("a man with a cup", "a man smiles", ["cup"]),
        ("a dog next to a car", "a dog on the street", []),  # where streets are, cars may be
        ("a dog next to a car", "a dog in the snow", ["car"]),
        ("a bicycle", "a biker in a race", []),
        ("an animal", "a cow and her calf", []),
        ("a cow", "an animal in a field", []),
    ],
)
def test_what_is_invented_beside_one_reference(caption: str, reference: str, invented: list[str]) -> None:
    judge = ObjectJudge(load_object_lexicon(), [[reference]])
    assert [name for *_, name in judge.judge(caption, [reference]).invented] == invented


def test_the_lexicon_judges_many_objects_and_people_by_kind() -> None:
    judged = {name for name, entry in load_object_lexicon().objects.items() if entry.judged}
    assert len(judged) >= 160
    assert {"man", "woman", "boy", "girl", "child", "baby", "person"} <= judged
    assert all(load_object_lexicon().objects[name].hints for name in judged - {"adult"})
