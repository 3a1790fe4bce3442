"""Reads a caption as tokens and noun phrases, by word lists alone or from Flickr30k Entities' markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from training.language.object_lexicon import ObjectLexicon, ObjectType, load_object_lexicon
from training.language.word_lists import WordLists, load_word_lists

TOKEN = re.compile(r"[^\W_]+(?:['\u2019.-][^\W_]+)*|'s\b|[.,;:!?&]")
POSSESSIVE = re.compile(r"['\u2019]s\b")
MAX_TOKENS = 120
"""Captions are cut here: nobody describes a photo in one longer sentence."""
SUBJECT_PRONOUNS = frozenset({"he", "she", "it", "they", "who", "others", "someone", "somebody", "everyone", "which"})
COLLECTIVES = frozenset({"couple", "crowd", "family", "team", "band", "audience", "crew", "army", "mob", "orchestra",
                         "choir", "class", "herd", "flock", "cattle", "parade", "traffic"})
"""Nouns in the singular that mean several; a couple is two."""
LONGEST_PHRASE = 7
"""Words that a noun phrase may have to the left of its noun."""


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: tokens[start:end] of its caption."""

    start: int
    end: int
    words: tuple[str, ...]
    head: str
    """The noun, as written."""
    name: str | None
    """The lexicon's object that the noun names, or None."""
    type: ObjectType
    count: int | None
    """How many; None where the caption doesn't say."""
    plural: bool
    colours: tuple[str, ...]
    """In the caption's order, spelt as answers spell them."""
    chain: str | None = None
    """Entities with the same chain in an image's captions are one entity."""


@dataclass(frozen=True)
class ParsedCaption:
    """A caption in lower-case tokens, with its noun phrases from left to right."""

    tokens: tuple[str, ...]
    phrases: tuple[Phrase, ...]

    def text(self, start: int, end: int) -> str:
        """Tokens as text again."""
        return " ".join(self.tokens[start:end]).replace(" 's", "'s").replace(" ,", ",")


def tokenize(caption: str) -> tuple[str, ...]:
    """Lower-case words and punctuation marks; a possessive 's stands apart."""
    spaced = POSSESSIVE.sub(" 's", caption.lower())
    return tuple(TOKEN.findall(spaced)[:MAX_TOKENS])


def parse_caption(caption: str) -> ParsedCaption:
    """Find noun phrases by the lexicon's nouns and the words to the left of them."""
    tokens = tokenize(caption)
    lexicon, words = load_object_lexicon(), load_word_lists()
    phrases: list[Phrase] = []
    taken = 0
    mentions = lexicon.mentions(tokens)
    for index, mention in enumerate(mentions):
        follows = index + 1 < len(mentions) and mentions[index + 1].start == mention.end
        if follows and not _is_verb_here(tokens, mention.end, words):
            continue  # a modifier of the next noun: "baseball player"
        if mention.end - mention.start == 1 and _is_verb_here(tokens, mention.start, words):
            continue
        start = _with_group(tokens, _phrase_start(tokens, mention.start, taken, words), taken, words)
        phrases.append(describe_phrase(tokens, start, mention.end))
        taken = mention.end
    return ParsedCaption(tokens, tuple(phrases))


def _is_verb_here(tokens: Sequence[str], position: int, words: WordLists) -> bool:
    """Whether a word that is both noun and verb, such as "slides", is a verb at this position."""
    word = tokens[position]
    if word not in words.third_person and word not in words.base_form:
        return False
    if position == 0:
        return False
    before = tokens[position - 1]
    if before == "to" or before in SUBJECT_PRONOUNS:
        return True
    if before in words.colours and position > 1 and tokens[position - 2] in ("in", "wearing"):
        return True  # "a man in red watches"
    if words.is_function_word(before) or before in words.determiners or before in words.colours:
        return False
    noun = load_object_lexicon().lookup([before])
    if noun is None:
        return False
    return word in words.third_person or noun[1]


def _phrase_start(tokens: Sequence[str], noun: int, floor: int, words: WordLists) -> int:
    """Where the phrase of a noun begins: at its determiner or number, or at its first modifier."""
    start = noun
    while start > max(floor, noun - LONGEST_PHRASE):
        word = tokens[start - 1]
        if word in words.determiners or word in words.counts or word in words.vague_counts:
            start -= 1
            if start > floor and tokens[start - 1] in words.determiners:  # "the two", "all the"
                start -= 1
            return start
        if word == "'s" and start - 2 >= floor:
            start -= 2
            continue
        if word in ("and", "&", ",") and start - 2 >= floor and _joins_colours(tokens, start - 1, words):
            start -= 2
            continue
        if words.is_function_word(word) or not word[0].isalnum():
            return start
        if words.is_participle(word) or word in words.third_person or _is_verb_here(tokens, start - 1, words):
            return start
        start -= 1
    return start


def _with_group(tokens: Sequence[str], start: int, floor: int, words: WordLists) -> int:
    """Where the phrase begins when "a group of" or the like stands before it."""
    if start - 2 < floor or tokens[start - 1] != "of" or tokens[start - 2] not in words.groups:
        return start
    return _phrase_start(tokens, start - 2, floor, words)


def _joins_colours(tokens: Sequence[str], position: int, words: WordLists) -> bool:
    if position + 1 >= len(tokens) or position < 1:
        return False
    before, after = tokens[position - 1], tokens[position + 1]
    return before in words.colours and (after in words.colours or after in words.shades)


def describe_phrase(
    tokens: Sequence[str], start: int, end: int, *, type_: ObjectType | None = None, chain: str | None = None
) -> Phrase:
    """Head, count and colours of the phrase tokens[start:end]; type_ overrules the lexicon's."""
    lexicon, lists = load_object_lexicon(), load_word_lists()
    words = tuple(tokens[start:end])
    inner_start, inner_end = _core_of(words, lists)
    core = words[inner_start:inner_end] or words
    form, length = _longest_form(core, lexicon)
    names, plural = form or ((), core[-1].endswith("s") and not core[-1].endswith("ss"))
    name = _pick_name(names, lexicon, type_)
    modifiers = core[: len(core) - length]
    collective = core[-1] in COLLECTIVES
    plural = plural or collective
    count = 2 if core[-1] == "couple" else None if collective else _count_of(words, inner_start, plural, lists)
    return Phrase(
        start=start, end=end, words=words, head=" ".join(core[len(core) - length :]), name=name,
        type=type_ or (lexicon.objects[name].type if name is not None else "other"),
        count=count, plural=plural or _is_group(words, inner_start, lists),
        colours=_colours_of(modifiers, lists), chain=chain,
    )


def _core_of(words: tuple[str, ...], lists: WordLists) -> tuple[int, int]:
    """The part of a phrase around its noun: after "a group of", before any later preposition."""
    start = 0
    for position, word in enumerate(words):
        if word == "of" and position and words[position - 1] in lists.groups | lists.vague_counts:
            start = position + 1
    end = start
    while end < len(words) and not (
        (words[end] in lists.prepositions and end > start) or words[end] in ("who", "that", ",", "which")
    ):
        end += 1
    return start, end


def _longest_form(core: Sequence[str], lexicon: ObjectLexicon) -> tuple[tuple[tuple[str, ...], bool] | None, int]:
    for length in range(min(len(core), lexicon.longest), 0, -1):
        form = lexicon.lookup(core[len(core) - length :])
        if form is not None:
            return form, length
    return None, 1


def _pick_name(names: tuple[str, ...], lexicon: ObjectLexicon, type_: ObjectType | None) -> str | None:
    """Of the objects that a word can mean, the first of the given type."""
    for name in names:
        if type_ is None or lexicon.objects[name].type == type_:
            return name
    return names[0] if names else None


def _is_group(words: tuple[str, ...], core_start: int, lists: WordLists) -> bool:
    return core_start > 0 and any(word in lists.groups for word in words[:core_start])


def _count_of(words: tuple[str, ...], core_start: int, plural: bool, lists: WordLists) -> int | None:
    numbers = [lists.counts[word] for word in words if word in lists.counts]
    if core_start > 0:
        lead = set(words[:core_start])
        if lead & {"couple", "pair"}:
            return 2
        if numbers and not lead & lists.groups:
            return numbers[0]
        return numbers[-1] if numbers and plural else None
    if numbers:
        return numbers[0] if len(numbers) == 1 and (numbers[0] > 1) == plural else None
    if set(words) & lists.vague_counts:
        return None
    return None if plural else 1


def _colours_of(modifiers: Sequence[str], lists: WordLists) -> tuple[str, ...]:
    modifiers = [
        word for word, after in zip(modifiers, [*modifiers[1:], ""], strict=False)
        if not (word in lists.shades and after in lists.colours)  # "navy blue" is blue
    ]
    colours = [lists.colour_names.get(word, word) for word in modifiers if word in lists.colours]
    for word in modifiers:
        parts = word.split("-")
        if len(parts) > 1 and all(part in lists.colours | {"and", "n"} for part in parts):
            colours += [lists.colour_names.get(part, part) for part in parts if part in lists.colours]
    return tuple(dict.fromkeys(colours))


MARKUP = re.compile(r"\[/EN#(?P<chain>\d+)/(?P<types>\S+) (?P<words>[^\]]*)\]|(?P<plain>[^\[\]]+)|[\[\]]")
ENTITY_TYPES = frozenset({"people", "animals", "clothing", "bodyparts", "vehicles", "instruments", "scene", "other"})
NOT_A_CHAIN = "0"
"""Phrases of chain 0 aren't in the photo."""


def parse_entity_sentence(sentence: str) -> ParsedCaption:
    """A caption with its noun phrases marked as `[/EN#chain/type words]`."""
    tokens: list[str] = []
    marks: list[tuple[int, int, str, str]] = []
    for match in MARKUP.finditer(sentence):
        start = len(tokens)
        tokens += tokenize(match["words"] or match["plain"] or "")
        if match["chain"] and len(tokens) > start:
            if start > 1 and tokens[start - 1] == "and" and _joins_colours(tokens, start - 1, load_word_lists()):
                start = _phrase_start(tokens, start, marks[-1][1] if marks else 0, load_word_lists())
            marks.append((start, len(tokens), match["chain"], match["types"].split("/")[0]))
    phrases = tuple(
        describe_phrase(tokens, start, end, type_=cast(ObjectType, kind), chain=chain)
        for start, end, chain, kind in marks
        if kind in ENTITY_TYPES and chain != NOT_A_CHAIN
    )
    return ParsedCaption(tuple(tokens), phrases)
