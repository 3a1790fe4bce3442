"""Questions that lean on the turn before: "and the dog?", "and what colour is it?"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from core.text.question_kinds.kinds import Need, QuestionKind, UnderstoodQuestion
from core.text.question_kinds.subject import find_subject, is_plural, refers_back

LEADING = re.compile(
    r"^(?:(?:and|but|now|or|also|then|so)\b[ ,]*)?(?:what about|how about|what of|(?:the )?same (?:question "
    r"|thing )?(?:for|with)|"
    r"and for|and with|and|but|now|or|also|then)\b[ ,]*(?:for |with |about )?(?:the )?"
)
BARE = re.compile(r"^(?:and |what about |how about |but |now )?(?:(?:on|in|at|to|behind|next to|under|above) )?(?:the )?"
                  r"(?:other|others|rest|second|left|right|first|third|last|it|that|those|this|these|him|her|them|he|she|they)"
                  r"(?: (?:one|ones|side|too|as well))?$")
QUESTION_START = re.compile(r"^(?:what|which|who|whose|where|when|why|how|is|are|was|were|do|does|did|has|have|can|could|will)\b")
LEADING_AND = re.compile(r"^(?:and|but|also|so|then|now)\b[ ,]*(?=\w+ \w)")
ASKING = frozenset([
    "is", "are", "was", "were", "do", "does", "did", "has", "have", "can", "could", "would", "will", "or", "any", "tell",
    "describe", "count", "show", "what", "who", "where", "how", "read", "name", "list", "give", "explain",
])
"""Words that a mere fragment doesn't have."""
LONGEST_FRAGMENT = 6
ABOUT_THE_PHOTO = re.compile(
    r"\b(?:raining|snowing|sunny|cloudy|windy|rainy|foggy|dark|cold|hot|warm|day|daytime|night|nighttime|evening|morning"
    r"|noon|afternoon"
    r"|summer|winter|spring|autumn|fall|outdoors|indoors|outside|inside|overcast|sunset|sunrise|weather|season|crowded|busy)\b"
)
OF_A_THING: frozenset[QuestionKind] = frozenset({
    "colour", "count", "where", "doing", "wearing", "yes_no", "either_or", "object", "who",
})


def without_leading_and(text: str) -> str:
    """"and what color is it" -> "what color is it"; fragments keep their first word."""
    match = LEADING_AND.match(text)
    if match is not None and QUESTION_START.match(text[match.end():]) and not LEADING.match(text[match.end():]):
        return text[match.end():]
    return text


def is_fragment(text: str) -> bool:
    """Whether lower-case words on one line only name something to repeat the last question with."""
    text = text.strip(" ?.!,")
    if BARE.match(text):
        return True
    match = LEADING.match(text)
    if match is None or len(text.split()) > LONGEST_FRAGMENT + 2:
        return False
    rest = text[match.end():]
    return bool(rest) and not QUESTION_START.match(rest) and ASKING.isdisjoint(rest.split()) and not rest.startswith((
        "you ", "i ",
    ))


def need_of(kind: QuestionKind, words: Sequence[str]) -> Need:
    """What a question takes from the turn before."""
    if kind == "follow_up":
        return "question"
    if kind not in OF_A_THING or not refers_back(words):
        return "nothing"
    if find_subject(words) and not {"it", "its"} & set(words):
        return "subject_if_any"  # "what is she holding in the picture" is clear enough
    if {"it", "its"} & set(words):
        if ABOUT_THE_PHOTO.search(" ".join(words)) or find_subject(words) or kind in ("where", "who", "object"):
            return "subject_if_any" if kind in ("where", "object") else "nothing"
        return "subject"
    return "subject" if kind == "colour" and {"they", "them", "their"} & set(words) else "subject_if_any"


def last_named(previous: UnderstoodQuestion, answer: str) -> str:
    """The thing that "it" means after a question and its answer: what the answer names, or else the question's subject."""
    if previous.kind in ("object", "who", "describe"):
        return find_subject(answer.lower().split()) or previous.subject
    return previous.subject


def completed_text(question: UnderstoodQuestion, previous: UnderstoodQuestion | None, answer: str) -> str | None:
    """A follow-up in full words, or None where the turn before doesn't give what it needs.

    previous: the last question as it was understood, in full; answer: what was answered to it.
    """
    if previous is None or question.needs_previous == "nothing":
        return None
    if question.needs_previous == "question":
        return _repeated(question, previous)
    subject = last_named(previous, answer)
    return _with_subject(question.text, subject) if subject else None


def _repeated(question: UnderstoodQuestion, previous: UnderstoodQuestion) -> str | None:
    """The last question about something else."""
    if not question.subject or not previous.is_answerable:
        return None
    be = "are" if is_plural(question.subject) else "is"
    in_full = {
        "colour": f"What color {be} the {question.subject}?", "where": f"Where {be} the {question.subject}?",
        "doing": f"What {be} the {question.subject} doing?", "wearing": f"What {be} the {question.subject} wearing?",
        "count": f"How many {question.subject} are there?", "describe": f"Describe the {question.subject}.",
    }
    if previous.kind in in_full:
        return in_full[previous.kind]
    named = re.compile(rf"\b{re.escape(previous.subject)}\b", re.IGNORECASE)
    if previous.subject and named.search(previous.text):
        return named.sub(lambda _: question.subject, previous.text, count=1)
    return None


def _with_subject(text: str, subject: str) -> str:
    """The text with the subject in place of its first pronoun."""
    be = "are" if is_plural(subject) else "is"
    text = re.sub(r"\b(?:is|are) (?:it|they|he|she)\b", lambda _: f"{be} the {subject}", text, count=1, flags=re.IGNORECASE)
    text = re.sub(r"\b(?:its|their|his)\b", lambda _: f"the {subject}'s", text, count=1, flags=re.IGNORECASE)
    text = re.sub(r"\b(?:it|they|them|he|she|him)\b", lambda _: f"the {subject}", text, count=1, flags=re.IGNORECASE)
    return text[:1].upper() + text[1:]


def subject_of_fragment(words: Sequence[str]) -> str:
    """What a fragment names: "and the dog" -> "dog"; empty for "and him"."""
    return find_subject([word for word in words if word not in ("other", "second", "rest", "others", "too")] or list(words))


def resolved(question: UnderstoodQuestion, full: UnderstoodQuestion) -> UnderstoodQuestion:
    """What the full wording means, as sure as the less sure of the two."""
    return replace(full, needs_previous="nothing", confidence=min(full.confidence, question.confidence))


