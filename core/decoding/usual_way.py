"""How an answer is made where nobody says how: method `default`.

An answer that has to fit a form is the most probable of those that fit, and another short one takes the most probable token
each time. A description is the best of several that are followed side by side: it is seldom the greedy one, and invents less,
since a beginning that leads to a doubtful end is dropped for one that doesn't. The beams share the photo, so that a step for
all of them costs little more than for one. Nothing is said again straight after itself, nor a doubtful color at all, and a
description doesn't end before it can be a sentence.

Choosing among beams or samples by how much they agree (minimum Bayes risk) was tried: docs/certainty.md has the figures.
"""

from __future__ import annotations

from dataclasses import replace

from core.config import GenerationConfig
from core.decoding.asked_question import AskedQuestion
from core.decoding.doubtful_colours import doubtful_colours
from core.decoding.generation import AnswerSettings
from core.decoding.repeated_runs import repeated_runs
from core.decoding.token_choice import AnswerAlphabet
from core.model.head_settings import HeadSettings
from core.text.tokenizer import Tokenizer

BEAMS = 4
LENGTH_PENALTY = 0.8
"""Between the average token, which favors descriptions that go on to what is doubtful, and their whole probability."""
REPEATED = 4
"""So many tokens never come twice in a description: "a man in a black hat is looking at a man in a black hat"."""
LEAST_TOKENS = 6
"""Of a description: "a cat" is probable, and says less than "a cat is sitting on a table"."""


def answer_settings(
    tokenizer: Tokenizer, question: AskedQuestion, wanted: GenerationConfig, heads: HeadSettings
) -> AnswerSettings:
    """How the answer to a question is made, where free answers are to be made as wanted."""
    allowed = question.allowed
    if allowed is not None:
        return AnswerSettings(AnswerAlphabet.of(tokenizer), allowed.generation(wanted), heads, allowed)
    if wanted.method == "default" and question.is_sentence:
        return describing(tokenizer, wanted, heads)
    repeats = repeated_runs(tokenizer) if wanted.method == "default" else None
    generation = replace(wanted, method="greedy") if wanted.method == "default" else wanted
    return AnswerSettings(AnswerAlphabet.of(tokenizer), generation, heads, repeats=repeats)


def describing(tokenizer: Tokenizer, wanted: GenerationConfig, heads: HeadSettings) -> AnswerSettings:
    """How a description is made. wanted: its longest length and penalties."""
    generation = replace(
        wanted, method="beam", beam_width=BEAMS, length_penalty=LENGTH_PENALTY, no_repeat_ngram=wanted.no_repeat_ngram or REPEATED
    )
    return AnswerSettings(
        AnswerAlphabet.of(tokenizer), generation, heads, repeats=repeated_runs(tokenizer),
        colours=doubtful_colours(tokenizer), least_tokens=LEAST_TOKENS,
    )
