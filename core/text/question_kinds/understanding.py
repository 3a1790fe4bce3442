"""Understands a question: the one entrance to this package."""

from __future__ import annotations

import re

from core.text.question_kinds.choice_wording import choice_wording
from core.text.question_kinds.choices import PRESENCE, choices_of_values, find_choices
from core.text.question_kinds.follow_up import (
    completed_text,
    is_fragment,
    need_of,
    resolved,
    subject_of_fragment,
    without_leading_and,
)
from core.text.question_kinds.grammar import open_kinds
from core.text.question_kinds.kinds import DECLINED, QuestionKind, UnderstoodQuestion, is_answerable_kind
from core.text.question_kinds.model_wording import joined, model_wording
from core.text.question_kinds.phrases import kind_of_start, kind_of_whole
from core.text.question_kinds.sentence_encoder import load_encoder
from core.text.question_kinds.subject import find_subject, refers_back
from core.text.question_kinds.words.languages import (
    has_foreign_word,
    is_gibberish,
    is_other_language,
    is_other_script,
    strange_share,
)
from core.text.question_kinds.words.plain_text import has_words, plain_text
from core.text.question_kinds.words.politeness import direct_question, without_politeness
from core.text.question_kinds.words.sentences import asking_sentence
from core.text.question_kinds.words.spelling import mend_spelling
from core.text.question_kinds.words.word_forms import in_full, split_words, without_leading_not

DECLINE_FROM = 0.5
"""Probability that a question can't be answered from which it is declined."""
THANKS = re.compile(r"\b(?:thanks|thank you)\b")
LONGEST_QUESTION = 400
"""Characters of the question itself that are looked at; the model takes fewer."""
DECLINE_CHOICES_FROM = 0.65
"""The same for a question that offers choices, which speaks for an either-or question."""


def understand_question(text: str) -> UnderstoodQuestion:
    """What a question asks for. Takes any text; the same for the same text."""
    plain = plain_text(text)
    if not has_words(plain):
        return UnderstoodQuestion("empty", "")
    if (whole := kind_of_whole(plain.lower())) is not None:
        return UnderstoodQuestion(whole, plain)
    if is_other_script(plain):
        return UnderstoodQuestion("language", plain)
    sentence = asking_sentence(plain)[:LONGEST_QUESTION]
    if is_other_language(split_words(sentence.replace("-", " "))):
        return UnderstoodQuestion("language", plain, confidence=0.95)
    words = normal_words(sentence)
    if (whole := kind_of_whole(joined(words))) is not None:
        return UnderstoodQuestion(whole, plain)
    if is_gibberish(words):
        return UnderstoodQuestion("gibberish", plain, confidence=0.95)
    return _understand_english(words)


def resolve_follow_up(
    question: UnderstoodQuestion, previous: UnderstoodQuestion | None, answer: str = ""
) -> UnderstoodQuestion:
    """The question in full where it leans on the turn before; itself where it doesn't, or where that turn doesn't help.

    previous: the last question, itself resolved; answer: what was answered to it.
    """
    full = completed_text(question, previous, answer)
    return question if full is None else resolved(question, understand_question(full))


def understand_turn(text: str, *, previous_question: str | None = None, previous_answer: str = "") -> UnderstoodQuestion:
    """What a question asks for after the turn before; without one it stands alone.

    previous_question: the last question that was answered, in full.
    """
    question = understand_question(text)
    if previous_question is None or question.needs_previous == "nothing":
        return question
    return resolve_follow_up(question, understand_question(previous_question), previous_answer)


def normal_words(sentence: str) -> list[str]:
    """Lower-case words and signs of a plain sentence: full forms, spelling mended."""
    return in_full(mend_spelling(in_full(split_words(sentence))))


def essential_text(words: list[str]) -> str:
    """The words on one line, without politeness and as a direct question: what the encoder learns from and sees."""
    text = without_politeness(joined(words))
    text = direct_question(without_leading_and(text))
    return joined(without_leading_not(split_words(text)))


def _understand_english(words: list[str]) -> UnderstoodQuestion:
    text = essential_text(words)
    bare = text.strip(" ?.!,")
    if is_fragment(bare):
        subject = subject_of_fragment(split_words(bare))
        return UnderstoodQuestion("follow_up", text, subject=subject, needs_previous="question", confidence=0.95)
    choices = find_choices(bare)
    values = bool(choices) and choices_of_values(choices) == choices
    clear = choices and (" or " not in bare or (values and PRESENCE.match(bare)))
    kind, confidence = ("either_or", 0.95) if clear else _classified(text, choices)
    if values and is_answerable_kind(kind):
        kind = "either_or"
    if kind == "statement" and THANKS.search(joined(words)):
        kind = "thanks"
    words = split_words(bare)
    named = is_answerable_kind(kind) and not (kind == "either_or" and " or " not in bare)
    subject = find_subject(words) if named else ""
    wording = choice_wording(choices, bare) if kind == "either_or" else None
    wording = wording or model_wording(kind, text, subject, refers_back=refers_back(words))
    return UnderstoodQuestion(
        kind, wording, choices=choices if kind == "either_or" else (), subject=subject,
        needs_previous=need_of(kind, split_words(wording)), confidence=confidence,
    )


def _classified(text: str, choices: tuple[str, ...]) -> tuple[QuestionKind, float]:
    """(kind, how sure it is): declined kinds together against answerable ones, then the likeliest among them."""
    certain = kind_of_start(text)
    if certain is not None:
        return certain, 0.99
    words = split_words(text)
    likely = load_encoder().probabilities(words)
    allowed = open_kinds(text, choices, strange=strange_share(words), foreign=has_foreign_word(words))
    total = sum(likely[kind] for kind in allowed)
    declined = sum(likely[kind] for kind in DECLINED if kind in allowed)
    declines = declined >= (DECLINE_CHOICES_FROM if choices else DECLINE_FROM) * total
    candidates: list[QuestionKind] = [kind for kind in allowed if is_answerable_kind(kind) != declines]
    best = max(sorted(candidates), key=likely.__getitem__)
    return best, round(likely[best] / total, 4) if total else 0.0
