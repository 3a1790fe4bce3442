"""What colour is ...?"""

from __future__ import annotations

from collections import defaultdict

from training.language.caption_parser import Phrase
from training.language.object_lexicon import load_object_lexicon
from training.questions.rules.clothes import find_outfits
from training.questions.rules.read_image import Candidate, ReadImage, Reference

PATTERNS = frozenset({
    "colorful", "multicolored", "multi-colored", "striped", "plaid", "checkered", "spotted", "patterned",
    "tie-dyed", "rainbow", "tri-colored", "tricolored", "tri-color", "mixed", "colored", "brightly", "flowered",
    "floral", "camouflage", "various", "different", "multicolor", "colourful", "polka",
})
ASKED_TYPES = ("animals", "clothing", "vehicles", "other", "instruments")
NOT_ASKED = frozenset({
    "flag", "fire", "food", "fruit", "graffiti", "paint", "sign", "bubble", "cigarette", "drink", "animal",
    "clothes", "leash", "camera", "apple", "goal", "collar",
})


def colour_pairs(image: ReadImage) -> list[Candidate]:
    """Questions about colours on which no two captions differ."""
    colours = agreed_colours(image)
    found: list[Candidate] = []
    owned: set[str] = set()
    for caption in image.captions:
        for outfit in find_outfits(caption):
            for item in outfit.items:
                if item.name in colours and item.colours:
                    owned.add(item.name)
                    for owner in image.references(outfit.owner):
                        found.append(_owned(image, owner, item, colours[item.name]))
    for phrase in image.phrases():
        if phrase.name in colours and phrase.name not in owned and phrase.colours:
            if phrase.type == "animals" and not image.references(phrase):
                continue
            found.append(_plain(image, phrase, colours[phrase.name]))
    return found


def agreed_colours(image: ReadImage) -> dict[str, tuple[str, ...]]:
    """Colours of each kind of thing that is described in one colour only."""
    lexicon = load_object_lexicon()
    described: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in image.phrases():
        if phrase.name is not None and phrase.type in ASKED_TYPES and phrase.name not in NOT_ASKED:
            described[phrase.name].append(phrase)
    agreed: dict[str, tuple[str, ...]] = {}
    for name, phrases in described.items():
        chains = {phrase.chain for phrase in phrases if phrase.chain is not None}
        related = lexicon.related(name)
        family = [phrase for other in described for phrase in described[other] if other in related or phrase.chain in chains]
        colours = {tuple(sorted(phrase.colours)) for phrase in family if phrase.colours}
        if len(colours) == 1 and not any(PATTERNS & set(phrase.words) for phrase in family):
            agreed[name] = colours.pop()
    return agreed


def colour_answer(colours: tuple[str, ...]) -> str:
    """red; black and white; black, brown and white."""
    return colours[0] if len(colours) == 1 else f"{', '.join(colours[:-1])} and {colours[-1]}"


def _owned(image: ReadImage, owner: Reference, item: Phrase, colours: tuple[str, ...]) -> Candidate:
    assert item.name is not None
    be = "are" if item.plural else "is"
    thing = f"{owner.possessive} {item.head}"
    questions = (
        f"What color {be} {thing}?", f"What colour {be} {thing}?", f"What color {be} {thing} in the picture?",
        f"What color {item.head} {owner.be} {owner.text} wearing?",
        f"Which color {be} {thing}?", f"What is the color of {thing}?",
    )
    return Candidate(image.name, "colour", item.name, questions, colour_answer(colours))


def _plain(image: ReadImage, phrase: Phrase, colours: tuple[str, ...]) -> Candidate:
    assert phrase.name is not None
    be = "are" if phrase.plural else "is"
    thing = f"the {phrase.head}"
    questions = (
        f"What color {be} {thing}?", f"What colour {be} {thing}?", f"What color {be} {thing} in the picture?",
        f"Which color {be} {thing}?", f"What is the color of {thing}?",
    )
    return Candidate(image.name, "colour", phrase.name, questions, colour_answer(colours))
