"""The USER/ASSISTANT template around a question, the same in training and inference."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from core.errors import QuestionError
from core.text.tokenizer import Tokenizer
from core.text.tokenizer_backend import IMAGE, without_surrogates

PROMPT_TEMPLATE = "USER: <image>\n{question}\nASSISTANT:"
MAX_QUESTION_CHARACTERS = 2000

BEFORE_IMAGE, AFTER_IMAGE = PROMPT_TEMPLATE.split(IMAGE)


def clean_question(text: str) -> str:
    """The question on one line, without control characters, so that it can't imitate the template's lines.

    Raises QuestionError where nothing visible is left or where it has more than 2,000 characters.
    """
    printable = (c for c in without_surrogates(text) if c.isspace() or unicodedata.category(c) != "Cc")
    question = " ".join("".join(printable).split())
    if all(unicodedata.category(character)[0] in "CMZ" for character in question):
        raise QuestionError("The question is empty; please type one.")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise _too_long(len(question), MAX_QUESTION_CHARACTERS, "characters")
    return question


def encode_prompt(tokenizer: Tokenizer, question: str, *, max_tokens: int) -> list[int]:
    """Token ids of the whole prompt; the image's place is marked by the one special token in it.

    Raises QuestionError where the question is empty, or doesn't fit in max_tokens beside the template.
    """
    ids = _assemble(tokenizer, clean_question(question))
    if len(ids) > max_tokens:
        template_tokens = len(_assemble(tokenizer, ""))
        raise _too_long(len(ids) - template_tokens, max(0, max_tokens - template_tokens), "tokens")
    return ids


def encode_answer(tokenizer: Tokenizer, answer: str, *, max_tokens: int) -> list[int]:
    """Token ids that the model learns to produce: the answer and the end token, cut to max_tokens.

    A cut answer has no end token, so that the model doesn't learn to stop in mid-sentence.
    """
    return [*tokenizer.encode(_spaced(answer)), tokenizer.end_id][:max_tokens]


def answer_offsets(tokenizer: Tokenizer, answer: str) -> list[tuple[int, int]]:
    """Where the tokens of encode_answer start and end, in characters of the answer with single spaces; without the end token."""
    return [(max(0, start - 1), end - 1) for start, end in tokenizer.offsets(_spaced(answer))]


def tokenizer_texts(*, questions: Iterable[str], answers: Iterable[str]) -> Iterator[str]:
    """The very pieces of text that encode_prompt and encode_answer encode, to train a tokenizer on.

    Raises QuestionError as clean_question does.
    """
    for question in questions:
        yield BEFORE_IMAGE
        yield AFTER_IMAGE.format(question=clean_question(question))
    yield from map(_spaced, answers)


def _assemble(tokenizer: Tokenizer, question: str) -> list[int]:
    after = AFTER_IMAGE.format(question=question)
    return [*tokenizer.encode(BEFORE_IMAGE), tokenizer.image_id, *tokenizer.encode(after)]


def _spaced(answer: str) -> str:
    """A space in front lets an answer's first word share its token with the same word inside a sentence."""
    return " " + " ".join(answer.split())


def _too_long(length: int, limit: int, unit: str) -> QuestionError:
    return QuestionError(f"The question is too long: {length:,} {unit}, and at most {limit:,} fit; please shorten it.")
