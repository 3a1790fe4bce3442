"""An either-or question as the open question that the model has learnt: its answer is then chosen among what was offered.

A model that has learnt "What color is the car?" chooses between red and blue better where it is asked that (docs/certainty.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text.question_kinds.choices import ARTICLES, VALUES
from core.text.question_kinds.subject import is_plural
from core.text.question_kinds.words.word_data import word_classes

WHAT, WHO = "What is in this picture?", "Who is in the picture?"
IN_PICTURE = r"(?: (?:in|on) (?:the|this) (?:photo|picture|image))?"
COLOUR_OF = re.compile(
    rf"^(?:(?:what|which) colors? )?(?:is|are) (?P<thing>(?:the|his|her|their|this|these) [\w' -]+?){IN_PICTURE}$"
)
NAMED_FIRST = re.compile(rf"^(?P<thing>the [\w' -]+?){IN_PICTURE}$")
NUMBER_OF = re.compile(r"^how many (?P<things>[\w' -]+?) (?:are|do|can)\b")
SEEN_AT_ALL = re.compile(
    rf"^(?:(?:is|was) (?:it|this|that|there)|(?:do|can) you see|does (?:the|this) (?:photo|picture|image) show"
    rf"|which is it|what is (?:it|this|that)|is the person)?{IN_PICTURE}$"
)


def choice_wording(choices: Sequence[str], text: str) -> str | None:
    """The open question that offers these choices; None where it is best asked as it is. text: lower-case words on one line."""
    start, end = text.find(choices[0]), text.rfind(choices[-1])
    if min(start, end) < 0:
        return None
    before, after = text[:start].strip(" ,:;-"), text[end + len(choices[-1]) :].strip(" ,:;-?!.")
    if set(choices) <= VALUES[1]:
        return _colour_question(before, after)
    if set(choices) <= VALUES[0]:
        return _number_question(before, after)
    if all(choice.split()[0] in ("a", "an") for choice in choices) and SEEN_AT_ALL.match(before):
        named = {choice.split(" ", 1)[1] for choice in choices}
        return WHO if named <= word_classes()["people"] else WHAT
    return None


def _colour_question(before: str, after: str) -> str | None:
    found = COLOUR_OF.match(before) or NAMED_FIRST.match(before)
    thing = found["thing"] if found else ""
    if not before and re.fullmatch(r"[a-z-]+", after):
        thing = f"the {after}"
    if not thing or thing.split()[-1] in ARTICLES:
        return None
    return f"What color {'are' if is_plural(thing) else 'is'} {thing}?"


def _number_question(before: str, after: str) -> str | None:
    found = NUMBER_OF.match(before)
    things = found["things"] if found else re.sub(rf"(?: there| here)?{IN_PICTURE}$", "", after)
    return f"How many {things} are there?" if things and is_plural(things) and len(things.split()) <= 2 else None
