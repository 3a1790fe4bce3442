"""Numbers in one form: captions say "two" where people type "2", and a model that learns both halves its belief in either."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from core.text.question_kinds.answer_form import NUMBER_WORDS
from core.text.question_kinds.understanding import understand_question
from training.data.qa_pair import QaPair

_WORDS = {**{str(number): word for number, word in enumerate(NUMBER_WORDS)}, "none": NUMBER_WORDS[0]}


def number_in_words(answer: str) -> str:
    """"2" -> "two", up to twelve; any other answer as it is."""
    return _WORDS.get(answer.lower().strip(" ."), answer)


def with_number_words(pair: QaPair) -> QaPair:
    """The pair with its answers in words where it asks how many; people who gave one number in two forms are counted together.

    A number that isn't counted, such as that on a shirt, stays as it was typed.
    """
    answers = Counter[str]()
    for text, people in pair.answers:
        answers[number_in_words(text)] += people
    written = replace(pair, answer=number_in_words(pair.answer), answers=tuple(answers.items()))
    return written if written != pair and understand_question(pair.question).kind == "count" else pair
