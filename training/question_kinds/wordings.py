"""Reads the wordings that the encoder learns from and is measured on."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from core.text.question_kinds.kinds import KINDS, QuestionKind
from core.text.question_kinds.words.word_data import sections

SLOT = re.compile(r"\{(\w+)\}")
MOST_FILLINGS = 9
"""Fillings of one wording."""
HELD_OUT_OF = 5
"""One photo in so many is kept apart."""
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@dataclass(frozen=True)
class Wording:
    """A question with its kind."""

    text: str
    kind: QuestionKind
    group: str
    """Wordings of one group, from one template or photo, stand on the same side of every split."""
    choices: tuple[str, ...] = ()


def data_file(name: str) -> str:
    """A text file of this folder."""
    return files("training").joinpath("question_kinds", name).read_text(encoding="utf-8")


def authored_wordings(*, seed: int) -> list[Wording]:
    """Everything written for training, its slots filled."""
    slots = {name: _entries(lines) for name, lines in sections(data_file("slots.txt")).items()}
    found: list[Wording] = []
    for name in ("wordings_seen.txt", "wordings_declined.txt", "wordings_follow_up.txt"):
        for kind, lines in sections(data_file(name)).items():
            for line in lines:
                texts = _filled(line, slots, random.Random(f"{seed}/{kind}/{line}"))
                found += [Wording(text, _kind(kind), f"{kind}/{line}") for text in texts]
    for language, lines in sections(data_file("foreign_wordings.txt")).items():
        found += [Wording(line, "language", f"{language}/{line}") for line in lines]
    return found + list(_gibberish(random.Random(f"{seed}/gibberish"), 160))


def people_questions(*, held_out: bool) -> list[Wording]:
    """Questions that people asked about photos: those of the training photos, or those of the photos kept apart."""
    found: list[Wording] = []
    for line in data_file("people_questions.txt").splitlines():
        if line and not line.startswith("#"):
            image, kind, question = line.split("\t")
            if (zlib.crc32(image.encode()) % HELD_OUT_OF == 0) == held_out:
                found.append(Wording(question, _kind(kind), image))
    return found


def held_out_wordings(name: str = "held_out.txt") -> list[Wording]:
    """Wordings kept apart, see the head of the file."""
    found: list[Wording] = []
    for kind, lines in _raw_sections(data_file(name)).items():
        for line in lines:
            question, _, choices = line.partition(" => ")
            if re.search(r"\\[un]", question):
                question = json.loads(f'"{question}"')
            found.append(Wording(question, _kind(kind), line, tuple(c.strip() for c in choices.split("|") if c.strip())))
    return found


def _raw_sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            current = found.setdefault(line.strip("[] "), [])
        elif line and not line.startswith("#"):
            current.append(line)
    return found


def _kind(name: str) -> QuestionKind:
    assert name in KINDS, f"unknown kind {name!r}"
    return name


def _entries(lines: list[str]) -> list[str]:
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]


def _filled(line: str, slots: dict[str, list[str]], rng: random.Random) -> list[str]:
    """The line with words for its slots, some fillings drawn at random, all different."""
    if not SLOT.search(line):
        return [line]
    texts = [SLOT.sub(lambda match: rng.choice(slots[match[1]]), line) for _ in range(MOST_FILLINGS)]
    return list(dict.fromkeys(_agreeing(text) for text in texts))


def _agreeing(text: str) -> str:
    """"is they" and "does the men" sound wrong; people seldom type them."""
    text = re.sub(r"\bis (they|these|those|everybody people)\b", r"are \1", text)
    return re.sub(r"\b(he|she|they) (\w+) is\b", r"\1 \2 is", text).replace("they's", "their").replace("he's name", "his name")


def _gibberish(rng: random.Random, number: int) -> Iterator[Wording]:
    """What comes of hitting the keyboard."""
    for index in range(number):
        words: list[str] = []
        for _ in range(rng.choice((1, 1, 2, 3))):
            row = rng.choice((*KEYBOARD, "abcdefghijklmnopqrstuvwxyz"))
            words.append("".join(rng.choice(row) for _ in range(rng.randint(3, 9))))
        if rng.random() < 0.2:
            words.append(rng.choice(("what", "the", "is", "dog", "123", "ok")))
        yield Wording(" ".join(words), "gibberish", f"gibberish/{index}")
