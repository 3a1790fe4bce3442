"""Questions that fit a photo, made of what the model named in it and was sure enough of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.answers import Answer
from spinvlm_desktop.answers.answer_words import answer_words

if TYPE_CHECKING:
    from training.language.caption_parser import Phrase

MOST = 4
SURE = 0.15
"""Probability of a word from which it is asked about; the words of a caption seldom have more than 0.5 each."""
LIVING = ("people", "animals")
COLOURED = ("clothing", "vehicles", "instruments", "other", "animals")
WITHOUT_COLOUR = frozenset({"water", "fire", "food", "crowd", "trick", "air", "background"})


def questions_about(description: Answer) -> tuple[str, ...]:
    """Three or four questions, each of another kind: doing, colour, presence, number, place.

    None where the answer describes nothing.
    """
    if not description.is_sentence or description.declined is not None or not description.text.strip():
        return ()
    phrases = _sure_phrases(description)
    living = [phrase for phrase in phrases if phrase.type in LIVING]
    people = [phrase for phrase in living if phrase.type == "people"]
    found = [_doing(living), _colour(phrases), _presence(phrases, first=living[0] if living else None)]
    several = next((phrase.name for phrase in living if phrase.plural and phrase.name), "person" if people else None)
    found += [_number(several) if several else "Is there a person?", "Where was this photo taken?", "Is it day or night?"]
    return tuple([question for question in dict.fromkeys(found) if question is not None][:MOST])


def _sure_phrases(description: Answer) -> list[Phrase]:
    """Named things, each with a word whose probability is known to be high enough, or isn't known."""
    from training.language.caption_parser import parse_caption  # its word lists needn't be read to show the window

    least: dict[str, float] = {}
    for word in answer_words(description.tokens):
        text = word.text.lower().strip(".,;:!?\"'")
        least[text] = min(word.probability, least.get(text, 1.0))
    phrases = parse_caption(description.text).phrases
    return [p for p in phrases if p.name is not None and least.get(p.head.split(" ")[-1], 1.0) >= SURE]


def _doing(living: Sequence[Phrase]) -> str | None:
    from training.language.caption_parser import COLLECTIVES

    if not living:
        return None
    first = living[0]
    if first.head in COLLECTIVES or sum(other.head == first.head for other in living) > 1:
        return f"What are the {first.type} doing?"
    return f"What {'are' if first.plural else 'is'} the {first.head} doing?"


def _colour(phrases: Sequence[Phrase]) -> str | None:
    """Of the first thing of which there is only one, clothes and things before animals."""
    heads = [phrase.head for phrase in phrases]
    for phrase in sorted(phrases, key=lambda phrase: phrase.type == "animals"):
        if phrase.type in COLOURED and phrase.name not in WITHOUT_COLOUR and heads.count(phrase.head) == 1:
            return f"What color {'are' if phrase.plural else 'is'} the {phrase.head}?"
    return None


def _presence(phrases: Sequence[Phrase], *, first: Phrase | None) -> str | None:
    """Of the last thing whose absence would be noticed; not of whom the description is about."""
    from training.language.object_lexicon import load_object_lexicon

    for phrase in reversed(phrases):
        entry = load_object_lexicon().objects[phrase.name or ""]
        if entry.ask and phrase is not first and entry.name != "person":
            article = "" if entry.mass else "an " if entry.name[0] in "aeiou" else "a "
            return f"Is there {article}{entry.name}?"
    return None


def _number(name: str) -> str:
    from training.language.object_lexicon import load_object_lexicon

    return f"How many {load_object_lexicon().objects[name].plural} are there?"
