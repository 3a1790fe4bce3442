"""The question in words that the model knows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text.question_kinds.kinds import QuestionKind
from core.text.question_kinds.subject import is_plural

DESCRIBE = "Describe the image."
DESCRIBE_IN_DETAIL = "Describe the image in detail."
IN_DETAIL = re.compile(r"^describe (?:the|this) (?:photo|picture|image) in detail$")
ORDERS = re.compile(r"^(?:describe|count|tell|name|list|show|give|explain|write|read|find|identify)\b")
WELL_PUT: dict[QuestionKind, re.Pattern[str]] = {
    "colour": re.compile(r"^(?:(?:what|which) (?:\w+ )?color|what (?:is|are) .*\bcolors?\b|is |are )"),
    "count": re.compile(r"^(?:how many \w|count the )"),
    "where": re.compile(r"^(?:where|whereabouts|which|what|in what|in which|on which|on what) "),
    "doing": re.compile(r"^(?:what|which|how|describe) "),
    "wearing": re.compile(r"^(?:what|which|how|describe) "),
}


def model_wording(kind: QuestionKind, text: str, subject: str, *, refers_back: bool) -> str:
    """A sentence with a capital and an end mark. text: lower-case words on one line."""
    text = text.strip(" ?.!,;:")
    if kind == "describe" and not subject and not refers_back:
        return DESCRIBE
    if IN_DETAIL.match(text):
        return DESCRIBE_IN_DETAIL
    pattern = WELL_PUT.get(kind)
    if pattern is not None and subject and not pattern.match(text):
        text = _in_full(kind, subject)
    if kind == "yes_no":
        text = _as_question(text)
    if not text:
        return ""
    is_order = ORDERS.match(text) is not None
    return text[:1].upper() + text[1:] + ("." if is_order else "?")


def _in_full(kind: QuestionKind, subject: str) -> str:
    be = "are" if is_plural(subject) else "is"
    return {
        "colour": f"what color {be} the {subject}", "count": f"how many {subject} are there",
        "where": f"where {be} the {subject}",
        "doing": f"what {be} the {subject} doing", "wearing": f"what {be} the {subject} wearing",
    }[kind]


def _as_question(text: str) -> str:
    """"any dogs" -> "are there any dogs"."""
    match = re.match(r"^any (\w+)(.*)$", text)
    if match is not None and match[1] not in ("idea", "chance"):
        return f"{'are' if is_plural(match[1]) else 'is'} there any {match[1]}{match[2]}"
    return text


def joined(words: Sequence[str]) -> str:
    """Words and signs as a line of text."""
    return re.sub(r" (?=[?.!,;:%)\]])", "", " ".join(words))
