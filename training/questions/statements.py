"""Descriptions of photos without captions: what questions and their answers say of them, and what is seen.

"What is flying in the air?" - "airplane" says "an airplane is flying in the air". COCO-QA's questions (Ren et al. 2015) were made
of captions, so many of them say most of one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from training.data.qa_pair import QaPair
from training.data.seen_objects import SeenObjects
from training.language.object_lexicon import a_or_an, described, load_object_lexicon
from training.questions.number_form import number_in_words
from training.questions.rules.count import NUMBERS
from training.questions.rules.objects import PERSON, activities

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*|,")
BE = ("is", "are")
NO_VERBS = frozenset({
    "do", "does", "did", "color", "colour", "has", "have", "can", "will", "would", "should", "was", "were", "of",
})
"""After "what": they don't say what the thing does."""
DETERMINERS = frozenset(NUMBERS) | frozenset({
    "a", "an", "the", "this", "that", "these", "those", "his", "her", "their", "its", "he", "she", "they", "it", "there",
    "someone", "people", "some", "several",
})
NOT_SAID = frozenset({
    "picture", "photo", "image", "photograph", "shown", "visible", "kind", "type", "sort", "name", "brand", "called", "made",
    "yes", "no", "none", "unknown", "nothing", "if", "likely", "probably", "you", "your", "this", "these", "that", "wii",
})
"""A question or an answer with these says nothing that a description would."""
UNCOUNTED = frozenset({
    "people", "food", "water", "snow", "grass", "bread", "rice", "meat", "cheese", "fruit", "hair", "furniture",
    "luggage", "sheep", "cattle", "geese", "men", "women", "children", "meal", "traffic", "wine", "coffee", "chocolate",
    "milk", "beer", "sand", "dirt", "ice", "wood", "metal", "plastic", "paper", "butter", "sauce", "soup", "soda", "juice",
    "tea", "corn", "lettuce", "graffiti",
})
MOST_WORDS = 18
FEWEST_WORDS = 3
FEWEST_WORDS_OF_SENTENCE = 5
"""What is shorter, such as "a green bus", says little of a photo."""
LARGER_NAMES = (
    "hot dog", "teddy bear", "fire hydrant", "wine glass", "tennis racket", "baseball bat", "stop sign", "traffic light",
    "parking meter", "cell phone", "hair dryer",
)
"""Of which COCO-QA keeps the last word alone."""
MOST_NAMED = 3
"""Kinds of things in a description of what is seen."""


def statements(pairs: Sequence[QaPair], seen: SeenObjects | None) -> list[str]:
    """What a photo's questions and answers say of it, each sentence once; else what is seen in it, else a phrase."""
    said = list(dict.fromkeys(sentence for pair in pairs if (sentence := statement(pair, seen)) is not None))
    sentences = [sentence for sentence in said if len(sentence.split()) >= FEWEST_WORDS_OF_SENTENCE]
    if sentences:
        return sentences
    listed = None if seen is None else list_of_objects(seen)
    return said if listed is None else [listed]


def statement(pair: QaPair, seen: SeenObjects | None = None) -> str | None:
    """The sentence that a question makes with its answer; None where none is easily made.

    What several people answered is passed over: they ask for details, and seldom in a caption's words.
    """
    if pair.answers:
        return None
    asked = [word.lower() for word in WORD.findall(pair.question)]
    answer = " ".join(number_in_words(pair.answer).lower().split())
    if len(asked) < 2 or not WORD.fullmatch(answer) or not NOT_SAID.isdisjoint((*asked, answer)):
        return None
    words = _of_number(asked, answer) or _of_color(asked, answer) or _of_thing(asked, _whole_name(answer, seen))
    if words is None or not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        return None
    return " ".join(words).replace(" ,", ",")


def list_of_objects(seen: SeenObjects) -> str | None:
    """"two elephants", "a cat and a laptop", "two people are skiing"; None where nothing was counted but people, of whom a
    description says more."""
    marks = Counter(each.name for each in seen.objects)
    counted = {name: seen.counts[name] for name, _ in marks.most_common() if name in seen.counts}
    people, doing = counted.get(PERSON, 0), activities(seen)
    if 0 < people < len(NUMBERS) and len(doing) == 1:
        return f"{_counted(PERSON, people)} {BE[people > 1]} {min(doing)}"
    named = [_counted(name, number) for name, number in counted.items() if number < len(NUMBERS)][:MOST_NAMED]
    if not named or counted.keys() <= {PERSON}:
        return None
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _counted(name: str, number: int) -> str:
    entry = described(name)
    return entry.with_article if number == 1 or entry.mass else f"{NUMBERS[number]} {entry.plural}"


def _whole_name(answer: str, seen: SeenObjects | None) -> str:
    """"hot dog" for "dog" where that is seen, and no dog."""
    if seen is None or answer in seen.names:
        return answer
    longer = [name for name in LARGER_NAMES if name in seen.names and name.split()[-1] == answer]
    return longer[0] if longer else answer


def _of_number(asked: Sequence[str], answer: str) -> list[str] | None:
    """How many giraffes are standing there - two: "two giraffes are standing there"."""
    if asked[:2] != ["how", "many"] or answer not in NUMBERS[1:] or not DETERMINERS.isdisjoint(asked[2:3]):
        return None
    if answer == "one":
        return None if _is_plural(asked[2]) else [*a_or_an(asked[2]).split(), *asked[3:]]
    verb = next((index for index, word in enumerate(asked) if word in BE), len(asked))
    return [answer, *asked[2:verb], *(["are"] if verb < len(asked) else []), *asked[verb + 1 :]]


def _of_color(asked: Sequence[str], answer: str) -> list[str] | None:
    """What is the color of the bus - red: "a red bus"."""
    if len(asked) != 7 or list(asked[:6]) not in [["what", "is", "the", color, "of", "the"] for color in ("color", "colour")]:
        return None
    return [*([answer] if _is_plural(asked[6]) else a_or_an(answer).split()), asked[6]]


def _of_thing(asked: Sequence[str], answer: str) -> list[str] | None:
    """What is flying in the air - airplane; what is the man riding along a road - horse; a man riding what - horse."""
    if "what" not in asked or answer in NUMBERS:
        return None
    place = asked.index("what")
    before, after, thing = list(asked[:place]), list(asked[place + 1 :]), _with_article(answer).split()
    if before:
        fits = before[0] in DETERMINERS and before[-1].endswith("ing")
        return [*before, *thing, *after] if fits else None
    if after[0] in BE:
        if not DETERMINERS.isdisjoint(after[1:2]):
            return _what_somebody_does(after, thing)
        return [*thing, BE[_is_plural(answer)], *after[1:]]
    if after[0] in NO_VERBS or not {*BE, "do", "does", "did"}.isdisjoint(after[1:3]):
        return None
    return [*thing, *after]


def _what_somebody_does(asked: Sequence[str], thing: Sequence[str]) -> list[str] | None:
    """Is the man riding along a road: with a thing, "the man is riding a horse along a road"."""
    verb = next((index for index, word in enumerate(asked) if index > 1 and word.endswith("ing")), None)
    if verb is None or asked[verb] == "doing" or "," in asked:
        return None
    end = verb + 2 if len(asked) == verb + 2 else verb + 1  # of "sitting on" the thing comes last
    return [*asked[1:verb], asked[0], *asked[verb:end], *thing, *asked[end:]]


def _is_plural(name: str) -> bool:
    found = load_object_lexicon().lookup(name.split())
    return found[1] if found is not None else name.endswith("s") and not name.endswith(("ss", "us"))


def _with_article(name: str) -> str:
    """With "a" where it is one thing that can be counted."""
    return name if name in UNCOUNTED or _is_plural(name) or described(name).mass else a_or_an(name)
