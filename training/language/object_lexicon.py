"""Objects that captions name, with their synonyms, plurals and hierarchy.

The list is lexicon/objects.txt, whose head explains its columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from core.errors import DataError
from training.language.word_lists import with_s

ObjectType = Literal["people", "animals", "clothing", "bodyparts", "vehicles", "instruments", "scene", "other"]


@dataclass(frozen=True)
class LexiconObject:
    """One kind of thing that can be seen in a photo."""

    name: str
    plural: str
    """Same as the name where there is no other plural."""
    type: ObjectType
    parents: tuple[str, ...]
    words: tuple[tuple[str, bool], ...]
    """Every word or phrase that names it, with whether that is a plural; its own name first."""
    hints: frozenset[str]
    """Words, or patterns with *, beside which its absence is unsure."""
    ask: bool
    """Whether people would mention it if it were there, so that its absence can be asked about."""
    judged: bool
    """Whether a caption that names it though no other one does most likely invents it."""
    mass: bool
    """Whether it takes no article, as in "Is there snow?"."""

    @property
    def with_article(self) -> str:
        """"a dog", "an umbrella"; of what takes no article the name alone."""
        if self.mass or (self.name == self.plural and self.name.endswith("s")):
            return self.name
        return a_or_an(self.name)


@dataclass(frozen=True)
class Mention:
    """Words of a text that name an object: tokens[start:end]."""

    start: int
    end: int
    names: tuple[str, ...]
    """The objects that the words can mean, most general meanings last; seldom more than one."""
    plural: bool


@dataclass(frozen=True)
class ObjectLexicon:
    """All objects, and what relates them."""

    objects: dict[str, LexiconObject]
    forms: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = field(repr=False)
    """Words -> (objects that they name, plural)."""
    longest: int
    """Words in the longest form."""

    more_general: dict[str, frozenset[str]] = field(repr=False)
    more_special: dict[str, frozenset[str]] = field(repr=False)

    def ancestors(self, name: str) -> frozenset[str]:
        """Everything more general: boy -> child, person."""
        return self.more_general[name]

    def descendants(self, name: str) -> frozenset[str]:
        """Everything more special: child -> boy, girl, baby."""
        return self.more_special[name]

    def related(self, name: str) -> frozenset[str]:
        """The object itself, all that is more general and all that is more special."""
        return self.more_general[name] | self.more_special[name] | {name}

    def lookup(self, words: Sequence[str]) -> tuple[tuple[str, ...], bool] | None:
        """(objects, plural) that exactly these lower-case words name, or None."""
        return self.forms.get(tuple(words))

    def mentions(self, tokens: Sequence[str]) -> list[Mention]:
        """Objects named in lower-case tokens, longest match first, without overlaps."""
        found: list[Mention] = []
        position = 0
        while position < len(tokens):
            for length in range(min(self.longest, len(tokens) - position), 0, -1):
                form = self.forms.get(tuple(tokens[position : position + length]))
                if form is not None:
                    found.append(Mention(position, position + length, *form))
                    position += length
                    break
            else:
                position += 1
        return found

    def named_in(self, tokens: Sequence[str]) -> frozenset[str]:
        """Every object named in the tokens, and all that is more general than those."""
        names = {name for mention in self.mentions(tokens) for name in mention.names}
        return frozenset(names.union(*(self.ancestors(name) for name in names)))

    def hint_words(self, name: str, vocabulary: Iterable[str]) -> frozenset[str]:
        """The words of a vocabulary beside which the object's absence is unsure."""
        pattern = _pattern_of(self.objects[name].hints)
        return frozenset() if pattern is None else frozenset(filter(pattern.match, vocabulary))


@cache
def _pattern_of(hints: frozenset[str]) -> re.Pattern[str] | None:
    """What matches any of the hints; None where there is none."""
    return re.compile("|".join(map(translate, sorted(hints)))) if hints else None


def a_or_an(name: str) -> str:
    """"a dog", "an umbrella", "a unicycle"."""
    return f"{'an' if name[0] in 'aeiou' and not name.startswith('uni') else 'a'} {name}"


def plural_of(word: str) -> str:
    """The regular plural of a word or of a phrase's last word."""
    return with_s(word)


@cache
def load_object_lexicon() -> ObjectLexicon:
    """The lexicon that comes with the program."""
    return parse_lexicon(files("training.language").joinpath("lexicon/objects.txt").read_text(encoding="utf-8"))


WITHOUT_SINGULAR = frozenset({"scissors"})
WITHOUT_PLURAL = frozenset({"broccoli"})


def described(name: str) -> LexiconObject:
    """How to write of an object: by the program's lexicon, or with a regular plural where that doesn't have it."""
    entry = load_object_lexicon().objects.get(name)
    if entry is not None:
        return entry
    mass = name in WITHOUT_PLURAL
    return LexiconObject(
        name, name if mass or name in WITHOUT_SINGULAR else plural_of(name), type="other", parents=(), words=(),
        hints=frozenset(), ask=True, judged=False, mass=mass,
    )


def parse_lexicon(text: str) -> ObjectLexicon:
    """A lexicon from text in the format of lexicon/objects.txt. Raises DataError naming the faulty line."""
    objects: dict[str, LexiconObject] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.startswith("#"):
            entry = _parse_line(line, number)
            if entry.name in objects:
                raise DataError(f"line {number} of the object lexicon defines {entry.name!r} again")
            objects[entry.name] = entry
    for entry in objects.values():
        for parent in entry.parents:
            if parent not in objects:
                raise DataError(f"{entry.name!r} in the object lexicon has the unknown parent {parent!r}")
    forms = _collect_forms(objects)
    general = {name: _ancestors(name, objects) for name in objects}
    return ObjectLexicon(
        objects, forms, longest=max((len(form) for form in forms), default=0), more_general=general,
        more_special={name: frozenset(other for other in objects if name in general[other]) for name in objects},
    )


def _ancestors(name: str, objects: dict[str, LexiconObject]) -> frozenset[str]:
    found: set[str] = set()
    todo = list(objects[name].parents)
    while todo:
        parent = todo.pop()
        if parent not in found:
            found.add(parent)
            todo += objects[parent].parents
    return frozenset(found)


def _parse_line(line: str, number: int) -> LexiconObject:
    cells = [cell.strip() for cell in line.split("|")]
    if not 5 <= len(cells) <= 6 or cells[1] not in get_args(ObjectType):
        raise DataError(f"line {number} of the object lexicon needs a name, a known type, parents, words and hints")
    lists = [tuple(item.strip() for item in cell.split(",") if item.strip()) for cell in cells[2:]] + [()]
    parents, others, hints, flags = lists[:4]
    words: dict[str, bool] = {}
    for item in (cells[0], *others):
        singular, plural = _singular_and_plural(item)
        words.setdefault(singular, singular == plural)
        words.setdefault(plural or singular, True)
    name, plural = _singular_and_plural(cells[0])
    return LexiconObject(
        name=name, plural=plural or name, type=cast(ObjectType, cells[1]), parents=parents, words=tuple(words.items()),
        hints=frozenset(hints), ask="ask" in flags, judged=not {"ask", "judge"}.isdisjoint(flags), mass="mass" in flags,
    )


def _singular_and_plural(item: str) -> tuple[str, str | None]:
    singular, slash, plural = item.partition("/")
    if not slash:
        return singular, plural_of(singular)
    return singular, None if plural == "-" else plural


def _collect_forms(objects: dict[str, LexiconObject]) -> dict[tuple[str, ...], tuple[tuple[str, ...], bool]]:
    forms: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}
    own_names = {(form, name) for name, entry in objects.items() for form in (entry.name, entry.plural)}
    for name, entry in objects.items():
        for word, plural in entry.words:
            key = tuple(word.split())
            names = forms.get(key, ((), plural))[0]
            # An object's own name comes first among the objects that a word can mean.
            merged = (name, *names) if (word, name) in own_names else (*names, name)
            forms[key] = (tuple(dict.fromkeys(merged)), plural)
    return forms
