"""Token ids -> the answer that a person reads: text pieces, and each token's attention as NumPy arrays."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Self

from core.answers import Answer, AnswerToken, Comparison, Divergence, FinishReason, PatchToken
from core.decoding.asked_question import AskedQuestion
from core.decoding.decoding_run import ChosenToken
from core.decoding.generation import GeneratedAnswer
from core.text.tokenizer import StreamDecoder, Tokenizer


class TokenReader:
    """Turns one chosen token after another into what the window shows."""

    def __init__(self, tokenizer: Tokenizer, *, grid_side: int, request_id: int = 0) -> None:
        self._text = StreamDecoder(tokenizer)
        self._grid_side = grid_side
        self._request_id = request_id
        self._count = 0

    def read(self, token: ChosenToken) -> PatchToken:
        """token: with a record of its heads."""
        heads = token.heads
        assert heads is not None
        side = self._grid_side
        index, self._count = self._count, self._count + 1
        return PatchToken(
            index=index,
            token_id=token.token_id,
            text=self._text.push(token.token_id),
            probability=math.exp(token.log_probability),
            image_mass=heads.image_mass,
            head_gate=heads.gate,
            patch_attention=heads.image_attention[..., 1:].reshape(*heads.gate.shape, side, side),
            class_attention=heads.image_attention[..., 0],
            request_id=self._request_id,
        )


class AnswerStream(Iterator[AnswerToken]):
    """One answer's tokens as they are made; afterwards the whole answer.

    Nothing is computed before the first token is asked for, nor between two of them. A short answer that may turn out to be
    too uncertain comes when it is whole.
    """

    def __init__(
        self,
        question: AskedQuestion,
        generate: Callable[[], Generator[ChosenToken, None, FinishReason]],
        reader: TokenReader,
    ) -> None:
        """generate: starts the generation; the photo is read and encoded on the way to the first token."""
        self._question = question
        self._reader = reader
        self._tokens: list[AnswerToken] = []
        self._log_probability = 0.0
        self._log_share: float | None = None
        self._seconds = 0.0
        self._finish: FinishReason = "stopped"
        self._steps = self._run(generate)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AnswerToken:
        return next(self._steps)

    def _run(self, generate: Callable[[], Generator[ChosenToken, None, FinishReason]]) -> Iterator[AnswerToken]:
        if self._question.declined is not None:
            return
        started = time.perf_counter()
        tokens = self._read(generate(), started)
        if self._question.may_be_unsure:
            yield from self._held_back(tokens)
        else:
            self._finish = yield from tokens
        self._seconds = time.perf_counter() - started

    def _held_back(self, tokens: Generator[AnswerToken, None, FinishReason]) -> Iterator[AnswerToken]:
        """The tokens once all are known, or none where the answer is too uncertain to be said."""
        while True:
            try:
                next(tokens)
            except StopIteration as end:
                self._finish = end.value
                break
        if self.answer().declined is None:
            yield from self._tokens

    def _read(
        self, chosen: Generator[ChosenToken, None, FinishReason], started: float
    ) -> Generator[AnswerToken, None, FinishReason]:
        while True:
            try:
                step = next(chosen)
            except StopIteration as end:
                return end.value
            token = self._reader.read(step)
            self._tokens.append(token)
            self._log_probability += step.log_probability
            self._log_share = step.log_share
            self._seconds = time.perf_counter() - started
            yield token

    def answer(self) -> Answer:
        """What there is of the answer so far; it is `stopped` unless all its tokens were taken, or it is declined."""
        return self._question.answer(
            self._tokens, finish=self._finish, log_probability=self._log_probability, log_share=self._log_share,
            seconds=self._seconds,
        )

    def read_all(self) -> Answer:
        """Takes all tokens that are left; the whole answer."""
        for _ in self:
            pass
        return self.answer()


def whole_answer(question: AskedQuestion, generated: GeneratedAnswer, reader: TokenReader, *, seconds: float) -> Answer:
    """The answer to read of one that was generated with records. reader: a fresh one."""
    return question.answer(
        tuple(map(reader.read, generated.tokens)), finish=generated.finish,
        log_probability=sum(token.log_probability for token in generated.tokens),
        log_share=generated.tokens[-1].log_share if generated.tokens else None, seconds=seconds,
    )


def compare_answers(baseline: Answer, spin: Answer) -> Comparison:
    """Two answers to one question, and where they part."""
    return Comparison(baseline, spin, first_divergence(baseline.tokens, spin.tokens))


def first_divergence(baseline: Iterable[AnswerToken], spin: Iterable[AnswerToken]) -> Divergence | None:
    """The first index at which both have a token, but not the same; None where there is none."""
    for off, on in zip(baseline, spin, strict=False):
        if off.token_id != on.token_id:
            return Divergence(off.index, off.text, off.probability, on.text, on.probability)
    return None
