"""Whether a question asks for the classes that were learnt, in whichever words. Imports no torch.

"Which of my mushrooms is it?" is also meant by "what kind of mushroom is this": what counts are the things that it names.
A question in another language, or one that names nothing, has to be typed as it was learnt.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.text.question_kinds.words.plain_text import has_words, plain_text
from core.text.question_kinds.words.sentences import asking_sentence

ASKING = ("which", "what")
"""Words that ask for one of several things."""
UNIMPORTANT = frozenset({
    *ASKING, "of", "my", "your", "our", "the", "these", "those", "this", "that", "is", "are", "it", "they", "a", "an", "one",
    "do", "does", "you", "i", "we", "see", "have", "there", "here", "kind", "kinds", "type", "types", "sort", "sorts", "species",
    "breed", "variety", "shown",
})
"""Words that make no other question of it."""
IN_THE_PHOTO = re.compile(r"\b(?:in|on) (?:the|this|my) (?:photo|picture|image|photograph)\b")
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Wording:
    """What two questions are compared by."""

    letters: str
    """Its words as typed, without case and signs; empty where there are none."""
    things: frozenset[str]
    """What it asks about, each in the singular; empty where it asks for something else than one of several things."""

    def means(self, other: Wording) -> bool:
        """Whether both ask for the same."""
        if not self.letters or not other.letters:
            return False
        return self.letters == other.letters or bool(self.things and self.things == other.things)


@lru_cache(maxsize=256)
def wording_of(question: str) -> Wording:
    """Takes any text; the same for the same text."""
    from core.text.question_kinds.understanding import essential_text, normal_words  # takes a while, and no window opens with it

    plain = plain_text(question)
    letters = " ".join(WORD.findall(plain.casefold()))
    if not has_words(plain):
        return Wording("", frozenset())
    words = WORD.findall(IN_THE_PHOTO.sub("", essential_text(normal_words(asking_sentence(plain)))))
    asks = bool(words) and words[0] in ASKING
    return Wording(letters, frozenset(map(_singular, words)) - UNIMPORTANT if asks else frozenset())


def _singular(word: str) -> str:
    """By its ending alone: both questions are treated alike, so that an odd singular does no harm."""
    if word in UNIMPORTANT or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word.removesuffix("s")
