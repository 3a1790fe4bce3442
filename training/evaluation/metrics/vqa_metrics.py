"""How many short answers are right, kind by kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.config import SettingsRecord
from core.text.question_kinds.answer_form import NUMBER_WORDS

_NUMBERS = {**{word: str(number) for number, word in enumerate(NUMBER_WORDS)}, "none": "0"}
"""As VQA's own scoring has it (Antol et al. 2015, arXiv 1505.00468), and two more."""
_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True)
class KindScore(SettingsRecord):
    """Scores of one kind of question, in percent."""

    count: int
    """Questions asked."""
    exact: float
    """Answers that are the expected one, after normalisation."""
    token_f1: float
    """Mean F1 of the answers' words with the expected ones'."""
    yes_rate: float | None = None
    """Presence questions: answers that are "yes"."""
    invalid: int | None = None
    """Presence questions: answers that are neither "yes" nor "no"."""
    alike: float | None = None
    """Answers that mean what any caption of the photo says, or anybody answered; see training.evaluation.certainty.judging."""


def normalised_words(answer: str) -> list[str]:
    """Lower-case words without articles and punctuation, numbers as digits."""
    # Marks belong to a word only between letters: 'red' is red, a t-shirt is one word.
    words: list[str] = re.findall(r"\w+(?:['-]\w+)*", answer.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    return [_NUMBERS.get(word, word) for word in words if word not in _ARTICLES]


def normalised_answer(answer: str, *, kind: str) -> str:
    """What is compared. Of an answer to a yes/no question that starts with yes or no only that word counts."""
    words = normalised_words(answer)
    if kind == "presence" and words[:1] in (["yes"], ["no"]):
        return words[0]
    return " ".join(words)


def answer_accuracy(
    kinds: Sequence[str], expected: Sequence[str], predicted: Sequence[str], *, alike: Sequence[float] | None = None
) -> dict[str, KindScore]:
    """A score per kind of question that occurs; the sequences run in step. alike: how right each answer is in other words."""
    scores: dict[str, KindScore] = {}
    for kind in sorted(set(kinds)):
        pairs = [
            (normalised_answer(right, kind=kind), normalised_answer(said, kind=kind))
            for its_kind, right, said in zip(kinds, expected, predicted, strict=True)
            if its_kind == kind
        ]
        said = [answer for _, answer in pairs]
        presence = kind == "presence"
        scores[kind] = KindScore(
            count=len(pairs),
            exact=100 * sum(right == answer for right, answer in pairs) / len(pairs),
            token_f1=100 * sum(token_f1(right.split(), answer.split()) for right, answer in pairs) / len(pairs),
            yes_rate=100 * said.count("yes") / len(pairs) if presence else None,
            invalid=len(pairs) - said.count("yes") - said.count("no") if presence else None,
            alike=None if alike is None else _mean([
                100 * score for its_kind, score in zip(kinds, alike, strict=True) if its_kind == kind
            ]),
        )
    return scores


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def token_f1(expected: Sequence[str], predicted: Sequence[str]) -> float:
    """F1 of two bags of words, in [0, 1]."""
    shared = (Counter(expected) & Counter(predicted)).total()
    return 2 * shared / (len(expected) + len(predicted)) if shared else float(not expected and not predicted)
