"""The answers that an either-or question offers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text.question_kinds.answer_form import COLOUR_WORDS, NUMBERS

FIXED_CHOICES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\b(?:time|part) of (?:the )?day\b"), ("day", "night")),
    (re.compile(r"\b(?:time of (?:the )?year|season)\b"), ("spring", "summer", "autumn", "winter")),
    (re.compile(r"\bweather\b"), ("sunny", "cloudy", "rainy", "snowy")),
)
"""What is asked for by a word whose few answers everybody knows."""
OPEN_START = re.compile(r"^(?:what|which|how|the |in what|in which|at what|during what|time of|weather|season|part of)")
TOMORROW = re.compile(r"\b(?:tomorrow|forecast|yesterday|today|favou?rite|best|next|usually|will)\b")
NO_CHOICE = re.compile(r"\bor (?:not|no|else|what|so|something|anything|anyone|anybody|somebody|other|more|less|nah|nope)\b.*$")
PRESENCE = re.compile(r"^(?:is|are|was|were) there\b|\b(?:any|anyone|anybody|anything)\b")
AUXILIARY = re.compile(
    r"^(?:(?:is|are|was|were|does|do|did|has|have|can|will) )?(?:(?:it|he|she|they|this|that|there) )?(?:(?:is|are|just"
    r"|rather|more like) )?"
)
ARTICLES = frozenset({"a", "an", "the", "his", "her", "its", "their", "my", "your"})
PLACES = frozenset({"in", "on", "at", "inside", "outside", "under", "behind", "near", "by", "beside", "above", "below", "before",
                    "towards", "toward", "from", "into", "with", "without", "up", "down", "off", "indoors", "outdoors"})
AFTERTHOUGHT = re.compile(
    r" (?:in|on|at|of|from|with|behind|near|here|there|outside|inside|today|now)\b(?: (?:the|this|that|a|his|her|it|these"
    r"|those))?.*$"
)
MOST_WORDS = 5
VALUES = (frozenset(NUMBERS), COLOUR_WORDS)
"""Words that are an answer without the thing that they are said of, by sort."""


def find_choices(text: str) -> tuple[str, ...]:
    """Two or more choices of a lower-case question on one line, in its order; empty where it offers none."""
    if OPEN_START.match(text) and not TOMORROW.search(text):
        for asked, choices in FIXED_CHOICES:
            if asked.search(text) and " or " not in text:
                return choices
    text = NO_CHOICE.sub("", text).strip(" ,.?!")
    if " or " not in text:
        return ()
    choices = _listed_choices(text)
    values = choices_of_values(choices)
    if PRESENCE.search(text):
        return values if set(values) <= VALUES[0] else ()
    return values or choices


def choices_of_values(choices: Sequence[str]) -> tuple[str, ...]:
    """The numbers or the colours that choices begin with, "red" and "blue" of "a red or a blue car"; else empty."""
    words = [choice.split() for choice in choices]
    first = tuple(word[1] if word[0] in ARTICLES and len(word) > 1 else word[0] for word in words)
    alike = any(set(first) <= values for values in VALUES)
    return first if alike and len(set(first)) == len(first) else ()


def _listed_choices(text: str) -> tuple[str, ...]:
    left, last = text.rsplit(" or ", 1)
    last = _without_afterthought(AUXILIARY.sub("", last.strip(" ,"), count=1)).strip(" ,.?!")
    parts = [part.strip() for part in re.split(r",| or ", left) if part.strip()]
    if not last or not parts:
        return ()
    choices = [_matching_end(parts[-1], last)]
    for part in reversed(parts[:-1]):
        earlier = _matching_end(part, last)
        if len(part.split()) > 2 and len(parts) > 1 and part is parts[0] and not _offers(part, last):
            break
        choices.insert(0, earlier)
    choices.append(last)
    if any(not choice or len(choice.split()) > MOST_WORDS for choice in choices) or len(set(choices)) < len(choices):
        return ()
    return tuple(choices)


def _offers(part: str, last: str) -> bool:
    """Whether the first part of a list holds a choice itself: "is it red, green" does, "which is it, a car" doesn't."""
    return re.match(r"^(?:is|are|was|were|does|do|has|have)\b", part) is not None and not part.endswith((" it", " this", " that"))


def _without_afterthought(last: str) -> str:
    """"green in the picture" -> "green"; what begins with a place stays whole."""
    if last.split(" ", 1)[0] in PLACES:
        return last
    return AFTERTHOUGHT.sub("", last)


def _matching_end(left: str, last: str) -> str:
    """The end of the text before "or" that is of the same shape as the choice behind it."""
    words = left.split()
    first = last.split(" ", 1)[0]
    if first in VALUES[0]:
        return next((word for word in reversed(words) if word in VALUES[0]), words[-1])
    if first in ARTICLES:
        return _from_last(words, ARTICLES) or words[-1]
    if first in PLACES:
        return _from_last(words, PLACES) or words[-1]
    if first.endswith("ing"):
        verbs = frozenset(word for word in words if word.endswith("ing"))
        return _from_last(words, verbs) or words[-1]
    return words[-1]


def _from_last(words: list[str], starts: frozenset[str]) -> str | None:
    """The words from the last one that is a start; None where none is, or where it is the very last word of a longer text."""
    for position in range(len(words) - 1, -1, -1):
        if words[position] in starts:
            return " ".join(words[position:])
    return None
