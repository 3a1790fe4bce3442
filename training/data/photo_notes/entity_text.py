"""Boxes that were drawn for named things, as Flickr30k Entities has them: marked captions, and the boxes of each mark.

What a person calls a thing is looked for in the descriptions: "dog" is found in "two brown dogs" and in "a puppy". Phrases that
have no box are marked too, as a reader of marked captions looks for no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from xml.sax.saxutils import escape

from training.data.photo_notes.notes import MarkedObject
from training.language.caption_parser import Phrase, parse_caption, tokenize
from training.language.object_lexicon import load_object_lexicon, plural_of

FIRST_WITHOUT_BOX = 1000
"""Chains from here on have no box."""


def marked_captions(captions: Sequence[str], objects: Sequence[MarkedObject]) -> str:
    """The lines of a photo's file in Sentences."""
    chains = _chains(objects)
    others = count(FIRST_WITHOUT_BOX)
    return "".join(f"{_marked(caption, chains, others)}\n" for caption in captions)


def box_annotation(objects: Sequence[MarkedObject], *, width: int, height: int) -> str:
    """A photo's file in Annotations. width, height: its pixels; corners count from 1."""
    chains = _chains(objects)
    parts = [f"<annotation><size><width>{width}</width><height>{height}</height><depth>3</depth></size>"]
    for thing in objects:
        if thing.box is None:
            continue
        left, top = round(thing.box.left * width) + 1, round(thing.box.top * height) + 1
        right, bottom = max(left, round(thing.box.right * width)), max(top, round(thing.box.bottom * height))
        parts.append(
            f"<object><name>{escape(str(chains[_key(thing.name)]))}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin>"
            f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
        )
    return "\n".join([*parts, "</annotation>"]) + "\n"


def _chains(objects: Sequence[MarkedObject]) -> dict[tuple[str, ...], int]:
    """A number for each name that has a box; boxes of one name are of one chain, as those of "two dogs" are."""
    names = dict.fromkeys(_key(thing.name) for thing in objects if thing.box is not None)
    return {name: number for number, name in enumerate(names, start=1)}


def _key(name: str) -> tuple[str, ...]:
    return tokenize(name) or (name.lower(),)


def _marked(caption: str, chains: dict[tuple[str, ...], int], others: count[int]) -> str:
    parsed = parse_caption(caption)
    spans = [(phrase.start, phrase.end, _chain_of(phrase, chains), phrase.type) for phrase in parsed.phrases]
    found = {chain for *_, chain, _ in spans}
    for name, chain in sorted(chains.items(), key=lambda item: -len(item[0])):
        if chain not in found:  # a name that the lexicon doesn't have
            start = _place_of(name, parsed.tokens)
            if start is not None and all(end <= start or begin >= start + len(name) for begin, end, *_ in spans):
                spans.append((start, start + len(name), chain, "other"))
    words: list[str] = []
    at = 0
    for start, end, chain, kind in sorted(spans, key=lambda span: span[:2]):
        words += parsed.tokens[at:start]
        words.append(f"[/EN#{next(others) if chain is None else chain}/{kind} {' '.join(parsed.tokens[start:end])}]")
        at = end
    return " ".join([*words, *parsed.tokens[at:]])


def _chain_of(phrase: Phrase, chains: dict[tuple[str, ...], int]) -> int | None:
    """The chain whose name the phrase holds, the longest name first; else one that means the same object."""
    for name, chain in sorted(chains.items(), key=lambda item: -len(item[0])):
        if _place_of(name, phrase.words) is not None:
            return chain
    return next((chain for name, chain in chains.items() if _means(name, phrase.name)), None)


def _means(name: tuple[str, ...], thing: str | None) -> bool:
    """Whether the words name this object of the lexicon or a more general one: "dog" for a puppy, "person" for a man."""
    lexicon = load_object_lexicon()
    found = None if thing is None else lexicon.lookup(name)
    return found is not None and thing is not None and any(thing in lexicon.descendants(n) | {n} for n in found[0])


def _place_of(name: tuple[str, ...], tokens: Sequence[str]) -> int | None:
    """Where the words stand, the last of them also in the plural."""
    forms = {name, (*name[:-1], plural_of(name[-1]))}
    return next((at for at in range(len(tokens) - len(name) + 1) if tuple(tokens[at : at + len(name)]) in forms), None)
