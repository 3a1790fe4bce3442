"""Is there a ...? Yes and no balanced for each object."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from training.language.object_lexicon import LexiconObject, load_object_lexicon
from training.questions.rules.read_image import Candidate, ReadImage

MAX_PER_OBJECT = 400
"""Images asked for one object, per answer."""
MAX_YES_PER_IMAGE = 3
MAX_NO_PER_IMAGE = 3
HARD_SHARE = 0.5
"""Share of the "no" images that are chosen for how often their objects stand beside the absent one."""


def presence_pairs(images: Sequence[ReadImage], *, seed: int) -> list[Candidate]:
    """Yes/no questions: for every object as many images with it as without it."""
    lexicon = load_object_lexicon()
    present: dict[str, list[int]] = defaultdict(list)
    for index, image in enumerate(images):
        for name in named_heads(image):
            present[name].append(index)
    vocabulary = frozenset[str]().union(*(image.words for image in images))
    companions = _companions(present, len(images))
    load = {"yes": Counter[int](), "no": Counter[int]()}
    found: list[Candidate] = []
    # Rare objects choose first: frequent ones find images anyway.
    for name in sorted(present, key=lambda n: (len(present[n]), n)):
        entry = lexicon.objects[name]
        if not entry.ask:
            continue
        rng = random.Random(f"{seed}/presence/{name}")
        yes = [index for index in present[name] if load["yes"][index] < MAX_YES_PER_IMAGE]
        no = [index for index in images_without(name, images, vocabulary) if load["no"][index] < MAX_NO_PER_IMAGE]
        number = min(len(yes), len(no), MAX_PER_OBJECT)
        chosen_yes = rng.sample(yes, number)
        chosen_no = _choose_absent(no, number, images, companions[name], rng, of_kind=lexicon.ancestors(name))
        for answer, chosen in (("yes", chosen_yes), ("no", chosen_no)):
            load[answer].update(chosen)
            found += [Candidate(images[i].name, "presence", name, presence_questions(entry), answer) for i in chosen]
    return found


def named_heads(image: ReadImage) -> frozenset[str]:
    """Objects that are a noun phrase's noun in some caption, and all that is more general."""
    lexicon = load_object_lexicon()
    names = {phrase.name for phrase in image.phrases() if phrase.name is not None and phrase.words[0] != "no"}
    return frozenset(names.union(*(lexicon.ancestors(name) for name in names)))


def images_without(name: str, images: Sequence[ReadImage], vocabulary: frozenset[str]) -> list[int]:
    """Numbers of the images that certainly lack an object. vocabulary: every word of all captions."""
    hints = load_object_lexicon().hint_words(name, vocabulary)
    return [index for index, image in enumerate(images) if surely_absent(image, name, hints)]


def surely_absent(image: ReadImage, name: str, hints: frozenset[str]) -> bool:
    """Whether no caption names the object, anything related to it, or one of the words that hint at it."""
    return image.named.isdisjoint(load_object_lexicon().related(name)) and image.words.isdisjoint(hints)


def _companions(present: dict[str, list[int]], images: int) -> dict[str, dict[str, float]]:
    """For each object, how much more often than at random another one stands in the same image."""
    names_of: dict[int, list[str]] = defaultdict(list)
    for name in sorted(present):
        for index in present[name]:
            names_of[index].append(name)
    together: dict[str, Counter[str]] = {name: Counter() for name in present}
    for names in names_of.values():
        for name in names:
            together[name].update(names)
    return {
        name: {other: count * images / (len(present[name]) * len(present[other])) for other, count in counts.items()}
        for name, counts in together.items()
    }


def _choose_absent(
    absent: Sequence[int], number: int, images: Sequence[ReadImage], companions: dict[str, float], rng: random.Random,
    *, of_kind: frozenset[str],
) -> list[int]:
    """Some of the images at random, the others among those whose objects most often go with the absent one.

    of_kind: what is more general than the absent object.
    """
    shuffled = list(absent)
    rng.shuffle(shuffled)
    hard = round(number * HARD_SHARE)

    def likeness(index: int) -> float:
        named = images[index].objects
        if "person" in of_kind:  # other people make it hard, not what people do
            return float(not named.isdisjoint(of_kind))
        return max((companions.get(name, 0.0) for name in named), default=0.0)

    likely = sorted(shuffled, key=lambda index: -likeness(index))
    pool = likely[: 3 * hard]
    chosen = rng.sample(pool, min(hard, len(pool)))
    taken = set(chosen)
    return chosen + [index for index in shuffled if index not in taken][: number - len(chosen)]


def presence_questions(entry: LexiconObject) -> tuple[str, ...]:
    """Wordings of the question, the same for both answers."""
    name = entry.name
    if entry.mass:
        return (f"Is there any {name} in the picture?", f"Is there {name} in the image?", f"Can you see {name}?",
                f"Do you see any {name}?", f"Is there any {name}?")
    if name == entry.plural and name.endswith("s"):
        return (f"Are there any {name} in the picture?", f"Are there {name} in the image?", f"Can you see any {name}?",
                f"Do you see {name}?", f"Are there {name}?")
    thing = entry.with_article
    return (
        f"Is there {thing} in the picture?", f"Is there {thing}?", f"Can you see {thing}?",
        f"Do you see {thing} in this photo?", f"Does the image show {thing}?",
        f"Are there any {entry.plural} in the picture?", f"Is there {thing} in the image?",
    )
