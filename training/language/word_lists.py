"""Word lists with which captions are read, and the forms of verbs. The lists are lexicon/words.txt and verbs.txt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

VOWELS = "aeiou"
IRREGULAR_THIRD_PERSON = {"go": "goes", "ski": "skis", "waterski": "waterskis"}
IRREGULAR_PARTICIPLE = {"lie": "lying", "tie": "tying", "die": "dying", "ski": "skiing", "see": "seeing",
                        "canoe": "canoeing", "flee": "fleeing", "dye": "dyeing"}


@dataclass(frozen=True)
class WordLists:
    """Closed word classes and the verbs of seen actions, all in lower case."""

    colours: frozenset[str]
    colour_names: dict[str, str]
    """Spelling -> the spelling that answers use."""
    shades: frozenset[str]
    counts: dict[str, int]
    vague_counts: frozenset[str]
    determiners: frozenset[str]
    possessives: frozenset[str]
    groups: frozenset[str]
    prepositions: frozenset[str]
    conjunctions: frozenset[str]
    pronouns: frozenset[str]
    auxiliaries: frozenset[str]
    adverbs: frozenset[str]
    not_actions: frozenset[str]
    compound_heads: frozenset[str]
    """Nouns that make the noun before them a modifier: "race" in "horse race"."""
    participles: frozenset[str]
    """running, playing, ..."""
    third_person: dict[str, str]
    """runs -> running"""
    base_form: dict[str, str]
    """run -> running"""

    def is_participle(self, word: str) -> bool:
        """Whether a word ending in -ing is an action; unknown verbs count as well."""
        if word in self.not_actions:
            return False
        if word in self.participles:
            return True
        return len(word) > 5 and word.endswith("ing")

    def is_function_word(self, word: str) -> bool:
        """Whether a word ends a noun phrase when it stands to the left of its noun."""
        return (
            word in self.prepositions or word in self.conjunctions or word in self.pronouns
            or word in self.auxiliaries or word in self.adverbs
        )


def participle_of(verb: str, *, doubled: bool = False) -> str:
    """The -ing form of a base form: run (doubled) -> running, ride -> riding."""
    if verb in IRREGULAR_PARTICIPLE:
        return IRREGULAR_PARTICIPLE[verb]
    if doubled:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    return verb + "ing"


def third_person_of(verb: str) -> str:
    """The -s form of a base form: catch -> catches, carry -> carries."""
    if verb in IRREGULAR_THIRD_PERSON:
        return IRREGULAR_THIRD_PERSON[verb]
    return with_s(verb)


def with_s(word: str) -> str:
    """The -s form of a regular verb or noun."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in VOWELS:
        return word[:-1] + "ies"
    return word + "s"


@cache
def load_word_lists() -> WordLists:
    """The lists that come with the program."""
    sections = _sections(_lexicon_text("words.txt"))
    verbs = {word.rstrip("!"): word.endswith("!") for word in _words(_lexicon_text("verbs.txt"))}
    participles = {verb: participle_of(verb, doubled=doubled) for verb, doubled in verbs.items()}

    def words(heading: str) -> frozenset[str]:
        return frozenset(sections[heading])

    def pairs(heading: str) -> dict[str, str]:
        return dict(item.split("=", 1) for item in sections[heading])

    return WordLists(
        colours=words("colours"), colour_names=pairs("colour names"), shades=words("shades"),
        counts={word: int(number) for word, number in pairs("counts").items()}, vague_counts=words("vague counts"),
        determiners=words("determiners"), possessives=words("possessives"), groups=words("groups"),
        prepositions=words("prepositions"), conjunctions=words("conjunctions"), pronouns=words("pronouns"),
        auxiliaries=words("auxiliaries"), adverbs=words("adverbs"), not_actions=words("not actions"),
        compound_heads=words("compound heads"),
        participles=frozenset(participles.values()),
        third_person={third_person_of(verb): form for verb, form in participles.items()}, base_form=participles,
    )


def _lexicon_text(name: str) -> str:
    return files("training.language").joinpath(f"lexicon/{name}").read_text(encoding="utf-8")


def _words(text: str) -> list[str]:
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


def _sections(text: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[] "), [])
        elif not line.startswith("#"):
            current += line.split()
    return sections
