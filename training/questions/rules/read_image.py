"""An image's captions as the rules see them: parsed, with what they say together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from training.language.caption_parser import COLLECTIVES, ParsedCaption, Phrase
from training.language.object_lexicon import load_object_lexicon

LIVING = ("people", "animals")
GENERAL_NAMES = {"people": "person", "animals": "animal", "vehicles": "vehicle", "instruments": "instrument"}
MALE = frozenset({"man", "boy"})
FEMALE = frozenset({"woman", "girl"})
NOT_NOUNS = frozenset({"one", "ones", "other", "others", "another", "each", "all", "both", "it", "something", "some",
                       "two", "three", "who", "itself", "back", "they", "him", "her", "them", "someone", "somebody"})


@dataclass(frozen=True)
class Candidate:
    """A question in several wordings with its answer, before answers are balanced."""

    image: str
    kind: str
    topic: str
    """What is asked about; answers are balanced within each topic."""
    questions: tuple[str, ...]
    answer: str


@dataclass(frozen=True)
class Reference:
    """How a question names somebody: "the man", "the black dog", "the people"."""

    text: str
    plural: bool

    @property
    def be(self) -> str:
        return "are" if self.plural else "is"

    @property
    def possessive(self) -> str:
        return self.text + ("'" if self.text.endswith("s") else "'s")


@dataclass(frozen=True)
class ReadImage:
    """An image's captions, parsed."""

    name: str
    captions: tuple[ParsedCaption, ...]

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of every caption."""
        return frozenset(token for caption in self.captions for token in caption.tokens)

    @cached_property
    def objects(self) -> frozenset[str]:
        """Every object that any caption names, modifiers included, and all that is more general."""
        lexicon = load_object_lexicon()
        return frozenset[str]().union(*(lexicon.named_in(caption.tokens) for caption in self.captions))

    @cached_property
    def named(self) -> frozenset[str]:
        """Every object that any caption names by its own words; people of no known kind are persons."""
        lexicon = load_object_lexicon()
        names = {n for caption in self.captions for mention in lexicon.mentions(caption.tokens) for n in mention.names}
        unknown = {phrase.type for phrase in self.phrases() if phrase.name is None}
        return frozenset(names | {general for type_, general in GENERAL_NAMES.items() if type_ in unknown})

    def phrases(self) -> Iterator[Phrase]:
        """The noun phrases of all captions."""
        for caption in self.captions:
            yield from caption.phrases

    def count(self, caption: ParsedCaption, name: str) -> int | None:
        """How many of an object a caption mentions; None where it leaves that open."""
        return count_named(caption, load_object_lexicon().descendants(name) | {name})

    @cached_property
    def lone_person(self) -> bool:
        """Whether every caption that mentions people mentions exactly one."""
        counts = [self.count(caption, "person") for caption in self.captions]
        return all(count in (0, 1) for count in counts) and 1 in counts

    @cached_property
    def lone_animal(self) -> bool:
        """Whether every caption that mentions animals mentions exactly one."""
        counts = [self.count(caption, "animal") for caption in self.captions]
        return all(count in (0, 1) for count in counts) and 1 in counts

    @cached_property
    def sex_disputed(self) -> bool:
        """Whether the captions of a lone person differ on whether it is male or female."""
        names = {phrase.name for phrase in self.phrases() if phrase.type == "people"}
        return self.lone_person and bool(names & MALE) and bool(names & FEMALE)

    @cached_property
    def disputed_chains(self) -> frozenset[str]:
        """Chains whose captions contradict each other in number, sex or kind of animal."""
        chains: dict[str, list[Phrase]] = {}
        for phrase in self.phrases():
            if phrase.chain is not None and phrase.head not in NOT_NOUNS:
                chains.setdefault(phrase.chain, []).append(phrase)
        return frozenset(chain for chain, phrases in chains.items() if _contradict(phrases))

    def references(self, phrase: Phrase) -> list[Reference]:
        """Ways to name the phrase's people or animals in a question that fit nobody else in the photo."""
        if phrase.type not in LIVING or phrase.name is None or phrase.head in NOT_NOUNS:
            return []
        if phrase.chain in self.disputed_chains:
            return []
        found: list[Reference] = []
        if phrase.plural or (phrase.count or 1) > 1:
            if phrase.head not in COLLECTIVES:
                found.append(Reference(f"the {phrase.head}", True))
            if phrase.type == "people":
                found.append(Reference("the people", True))
            return found
        rivals = [other for other in self.phrases() if self._rivals(other, phrase)]
        if self._is_single(phrase.name) and not self.sex_disputed:
            found.append(Reference(f"the {phrase.head}", False))
        elif len(phrase.colours) == 1 and phrase.type == "animals" and all(
            phrase.colours[0] not in other.colours or (other.colours == phrase.colours and other.count == 1)
            for other in rivals
        ) and any(other.colours and other.colours != phrase.colours for other in rivals):
            found.append(Reference(f"the {phrase.colours[0]} {phrase.head}", False))
        if phrase.type == "people" and self.lone_person:
            found.append(Reference("the person", False))
        if phrase.type == "animals" and self.lone_animal and phrase.head != "animal":
            found.append(Reference("the animal", False))
        return list(dict.fromkeys(found))

    def _rivals(self, other: Phrase, phrase: Phrase) -> bool:
        if other.name is None or phrase.name is None or other.type != phrase.type:
            return False
        return other.name in load_object_lexicon().related(phrase.name)

    def _is_single(self, name: str) -> bool:
        """Whether no caption mentions more than one of this object."""
        return all(self.count(caption, name) in (0, 1) for caption in self.captions)


def _contradict(phrases: Sequence[Phrase]) -> bool:
    names = {phrase.name for phrase in phrases if phrase.name is not None}
    counts = {phrase.count for phrase in phrases if phrase.count is not None}
    if len(counts) > 1 or (names & MALE and names & FEMALE):
        return True
    lexicon = load_object_lexicon()
    animals = [name for name in names if lexicon.objects[name].type == "animals"]
    return any(a not in lexicon.related(b) for a in animals for b in animals)


def count_named(caption: ParsedCaption, names: frozenset[str]) -> int | None:
    """How many of some objects a caption mentions, each entity once; None where it leaves that open."""
    total = 0
    seen: set[str] = set()
    for phrase in caption.phrases:
        if phrase.name not in names or phrase.head in NOT_NOUNS:
            continue
        key = phrase.chain or phrase.head
        again = key in seen and (phrase.chain is not None or phrase.words[0] == "the")
        if again or (phrase.words[0] in ("one", "each") and total):
            continue
        seen.add(key)
        if phrase.count is None:
            return None
        total += phrase.count
    if total and _tells_of_another(caption):
        return None
    return total


def _tells_of_another(caption: ParsedCaption) -> bool:
    """Whether "another" or "others" stands alone, for somebody who isn't counted."""
    covered = {i for phrase in caption.phrases if phrase.head not in NOT_NOUNS for i in range(phrase.start, phrase.end)}
    for position, token in enumerate(caption.tokens):
        alone = token in ("another", "others", "other") and position not in covered
        if alone and (position == 0 or caption.tokens[position - 1] not in ("each", "the")):
            return True
    return False
