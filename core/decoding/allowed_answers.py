"""Answers in the form that was asked for: the model chooses among the answers that fit, and says nothing else.

A short list is scored whole: a beam as wide as the list, over the model's own log-probabilities, keeps every answer, so that the
best one is the one that the model finds most probable as a sequence. Of a long list, such as numbers, or colours and their pairs,
one is chosen greedily, token by token: on photos and questions of people that is as good and takes less than half the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from typing import Self

import torch
from torch import Tensor

from core.config import GenerationConfig
from core.decoding.token_choice import AnswerAlphabet, LogitFilter
from core.text.prompt import encode_answer
from core.text.question_kinds.answer_form import AnswerForm
from core.text.tokenizer import Tokenizer

MOST_SCORED = 6
"""Answers of a list that is scored whole where free answers are greedy."""
MOST_BEAMS = 16
"""Where they aren't, so many beginnings of a longer list are followed at a time."""


@dataclass(frozen=True)
class AllowedAnswers:
    """Some answers as token ids."""

    following: dict[tuple[int, ...], list[int]]
    """Each beginning of an answer -> the tokens that may come next; the empty one is the start."""
    count: int
    """Of the answers."""
    longest: int
    """Tokens, the end token counted."""

    @classmethod
    def of(cls, tokenizer: Tokenizer, form: AnswerForm, *, max_tokens: int) -> Self | None:
        """The answers of a form; None where anything may be answered, or where not two of its answers can be written.

        max_tokens: the longest answer, the end token counted.
        """
        whole = _writable(tokenizer, form, max_tokens)
        return cls.of_tokens(whole) if len(whole) > 1 else None

    @classmethod
    def of_tokens(cls, answers: Sequence[Sequence[int]]) -> Self:
        """Different answers as token ids, each with its end token."""
        following: dict[tuple[int, ...], list[int]] = {}
        for ids in answers:
            for place, token in enumerate(ids):
                after = following.setdefault(tuple(ids[:place]), [])
                if token not in after:
                    after.append(token)
        return cls(following, len(answers), max(map(len, answers)))

    def generation(self, wanted: GenerationConfig) -> GenerationConfig:
        """How one of them is chosen, where free answers are to be made as wanted."""
        greedy = self.count > MOST_SCORED and wanted.method in ("default", "greedy")
        return GenerationConfig(
            "greedy" if greedy else "beam", max_tokens=self.longest - 1, beam_width=min(self.count, MOST_BEAMS),
            length_penalty=0.0,
        )


class AllowedFilter(LogitFilter):
    """Leaves the tokens that continue an allowed answer; penalties on repetition mean nothing here."""

    def __init__(
        self, generation: GenerationConfig, allowed: AllowedAnswers, *, alphabet: AnswerAlphabet, vocabulary_size: int,
        device: torch.device,
    ) -> None:
        super().__init__(generation, alphabet=alphabet, vocabulary_size=vocabulary_size, device=device)
        self._following = allowed.following

    def __call__(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        return logits + self._barrier(logits, histories)

    def log_probabilities(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        """Under the model: what isn't allowed gives nothing to the rest, so that whole answers can be compared."""
        return logits.log_softmax(-1) + self._barrier(logits, histories)

    def _barrier(self, logits: Tensor, histories: Sequence[Sequence[int]]) -> Tensor:
        """[R, V]: 0 for tokens that may come next, else minus infinity. An answer that has ended goes on ending."""
        barrier = torch.full_like(logits, -torch.inf)
        for row, history in enumerate(histories):
            barrier[row, self._following.get(tuple(history), [self.alphabet.end_id])] = 0.0
        return barrier


@lru_cache(maxsize=8)
def _writable(tokenizer: Tokenizer, form: AnswerForm, max_tokens: int) -> tuple[list[int], ...]:
    """The token ids of the form's answers that can be written. Kept: two hundred pairs of colours take milliseconds."""
    unwritable = {*AnswerAlphabet.of(tokenizer).forbidden_ids}
    encoded = (encode_answer(tokenizer, text, max_tokens=max_tokens) for text in _texts(form))
    return tuple(ids for ids in encoded if ids[-1] == tokenizer.end_id and unwritable.isdisjoint(ids))


def _texts(form: AnswerForm) -> Iterator[str]:
    yield from form.answers
    if form.may_join:
        yield from (f"{first} and {second}" for first, second in permutations(form.answers, 2))
