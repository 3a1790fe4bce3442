"""Which kinds a question's first words and choices leave open."""

from __future__ import annotations

import re
from collections.abc import Collection

from core.text.question_kinds.kinds import ANSWERABLE, KINDS, QuestionKind

AUXILIARY_START = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|might|may|would|will|am|any|anyone|anybody)\b(?! (?:you|me|us|i)\b(?! see\b| think\b| find\b))"
)
OPEN_START = re.compile(r"^(?:what|which|who|whom|whose|where|when|why|how)\b")
DECLARATIVE: frozenset[QuestionKind] = frozenset({"statement", "greeting", "thanks", "follow_up"})


def open_kinds(text: str, choices: Collection[str]) -> frozenset[QuestionKind]:
    """The kinds that lower-case words on one line can be."""
    left: set[QuestionKind] = set(KINDS) - {"empty"}
    if AUXILIARY_START.match(text):
        left -= {*ANSWERABLE, *DECLARATIVE} - {"yes_no", "either_or"}
    elif OPEN_START.match(text):
        left -= {"yes_no", "statement"}
    left -= {"yes_no", "describe", "object"} if choices and " or " in text else {"either_or"} if not choices else set[QuestionKind]()
    return frozenset(left)
