"""Which kinds a question's first words and choices leave open."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.text.question_kinds.kinds import ANSWERABLE, KINDS, QuestionKind

AUXILIARY_START = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|might|may|would|will|am|any|anyone|anybody)\b(?! (?:you|me"
    r"|us|i)\b(?! see\b| think\b| find\b))"
)
OPEN_START = re.compile(r"^(?:what|which|who|whom|whose|where|when|why|how)\b")
GIBBERISH_FROM = 0.34
"""Share of strange words below which a question isn't gibberish."""
DECLARATIVE: frozenset[QuestionKind] = frozenset({"statement", "greeting", "thanks", "follow_up"})


def open_kinds(text: str, choices: Collection[str], *, strange: float, foreign: bool) -> frozenset[QuestionKind]:
    """The kinds that lower-case words on one line can be.

    strange: share of the words that aren't English; foreign: whether one of them is of another language.
    """
    left: set[QuestionKind] = set(KINDS) - {"empty"}
    if strange < GIBBERISH_FROM:
        left -= {"gibberish"}
    if not foreign:
        left -= {"language"}
    if text.endswith("?"):
        left -= {"statement"}
    if AUXILIARY_START.match(text):
        left -= {*ANSWERABLE, *DECLARATIVE} - {"yes_no", "either_or"}
    elif OPEN_START.match(text):
        left -= {"yes_no", "statement"}
    if not choices:
        left -= {"either_or"}
    elif " or " in text:
        left -= {"yes_no", "describe", "object"}
    return frozenset(left)
