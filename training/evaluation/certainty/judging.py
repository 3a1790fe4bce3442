"""What counts as a right answer, from 0 to 1.

People's questions are scored as VQA v2 scores them: by how many of ten people gave the answer, three are enough; "on the
beach" and "beaches" are "beach" for that. A question
that was made of captions is answered right by what any caption of the photo says to it. Numbers as words or digits, articles
and capitals make no difference; nor do synonyms where an object is named. An open answer ("on the beach") may be shorter or
longer than the caption's, as long as it shares the thing or deed with it and says nothing that no caption says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from training.evaluation.metrics.vqa_metrics import normalised_words
from training.language.object_lexicon import load_object_lexicon

ENOUGH_PEOPLE = 3
"""Who give an answer make it right (Goyal et al. 2017, arXiv 1612.00837)."""
SMALL_WORDS = frozenset({
    "on", "in", "at", "of", "with", "to", "by", "near", "and", "next", "into", "over", "through", "under", "behind",
    "front", "from", "is", "are", "his", "her", "their", "its", "it", "up", "down", "along", "across", "around", "outside",
    "inside", "some", "while", "for", "off", "out", "onto", "top", "that", "be",
})
"""Words that say little by themselves."""
SPELLINGS = {"grey": "gray", "colour": "color", "blonde": "blond", "0": "no"}


@dataclass(frozen=True)
class RightAnswers:
    """What answers a question about a photo."""

    answers: tuple[tuple[str, int], ...]
    """Each with how many gave it."""
    is_open: bool = False
    """Whether the answer may be put in many ways, and what else is said of the photo counts."""
    said: frozenset[str] = frozenset()
    """Stems of all that the captions say, for open answers."""
    by_people: bool = False
    """Whether ten people were asked."""

    def score(self, answer: str) -> float:
        """From 0, wrong, to 1."""
        own = _normal(answer)
        if self.by_people:
            meant = stems(own)
            alike = [count for text, count in self.answers if _normal(text) == own or (meant and stems(_normal(text)) == meant)]
            return min(1.0, sum(alike) / ENOUGH_PEOPLE)
        agreeing = sum(count for text, count in self.answers if _normal(text) == own)
        if agreeing or not self.is_open:
            return float(bool(agreeing))
        words, wanted = stems(own), set[str]().union(*(stems(_normal(text)) for text, _ in self.answers))
        return float(bool(words) and bool(words & wanted) and words <= self.said | wanted)

    def exact(self, answer: str) -> float:
        """VQA's soft score: three of ten people gave this very answer. Numbers, articles, capitals and signs aside."""
        own = normalised_words(answer)
        return min(1.0, sum(count for text, count in self.answers if normalised_words(text) == own) / ENOUGH_PEOPLE)


def stems(words: Iterable[str]) -> set[str]:
    """What the words mean: objects by their names in the lexicon, endings cut, small words left out."""
    return {_stem(word) for word in words if word not in SMALL_WORDS}


@cache
def _stem(word: str) -> str:
    named = load_object_lexicon().lookup((word,))
    if named is not None:
        return named[0][0]
    for ending in ("ing", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] in ("e", word[-2]) else word


def _normal(answer: str) -> tuple[str, ...]:
    return tuple(SPELLINGS.get(word, word) for word in normalised_words(answer))
