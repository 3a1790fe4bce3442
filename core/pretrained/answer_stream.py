"""One answer of a pretrained model as it is made, as records that a person's window can show."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Self

from core.answers import Answer, AnswerRequest, CellToken, FinishReason, ModelOrigin
from core.photo_layout import PhotoLayout
from core.pretrained.decoding.attention import StoppedError
from core.pretrained.decoding.head_records import ChosenToken
from core.pretrained.prompt.text_stream import TextStream
from core.pretrained.reading import Reading

NOWHERE = PhotoLayout(0, 0, (), 0)
"""The layout of a photo that was never read."""


class PretrainedAnswerStream(Iterator[CellToken]):
    """One answer's tokens as they are made; afterwards the whole answer.

    Nothing is computed before the first token is asked for, nor between two of them.
    """

    def __init__(
        self,
        request: AnswerRequest,
        read: Callable[[], Reading],
        generate: Callable[[Reading], Generator[ChosenToken, None, FinishReason]],
        text: TextStream,
        *,
        origin: ModelOrigin,
    ) -> None:
        """read: photo and question, before the first token; text: a fresh one."""
        self._request = request
        self._read, self._generate = read, generate
        self._text, self._origin = text, origin
        self._tokens: list[CellToken] = []
        self._log_probability = 0.0
        self._seconds = 0.0
        self._finish: FinishReason = "stopped"
        self._layout = NOWHERE
        self._forgotten_turns = 0
        self._steps = self._run()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> CellToken:
        return next(self._steps)

    @property
    def layout(self) -> PhotoLayout:
        """Where the cells of the maps lie; known with the first token."""
        return self._layout

    def _run(self) -> Iterator[CellToken]:
        started = time.perf_counter()
        try:
            reading = self._read()
        except StoppedError:
            return
        self._layout, self._forgotten_turns = reading.layout, reading.forgotten_turns
        chosen = self._generate(reading)
        while True:
            try:
                step = next(chosen)
            except StopIteration as end:
                self._finish = end.value
                break
            token = self._record(step)
            self._tokens.append(token)
            self._log_probability += step.log_probability
            self._seconds = time.perf_counter() - started
            yield token
        # A character whose last byte was the last token becomes certain only now.
        rest = self._text.finish()
        if rest:
            self._tokens[-1] = replace(self._tokens[-1], text=self._tokens[-1].text + rest)
        self._seconds = time.perf_counter() - started

    def _record(self, token: ChosenToken) -> CellToken:
        return CellToken(
            index=len(self._tokens),
            token_id=token.token_id,
            text=self._text.push(token.token_id),
            probability=math.exp(token.log_probability),
            image_mass=token.heads.mass,
            head_gate=token.heads.gate,
            cell_attention=token.heads.cells,
            request_id=self._request.request_id,
        )

    def answer(self) -> Answer:
        """What there is of the answer so far; it is `stopped` unless all its tokens were taken."""
        return Answer(
            question=self._request.question,
            text="".join(token.text for token in self._tokens),
            tokens=tuple(self._tokens),
            finish=self._finish,
            log_probability=self._log_probability,
            seconds=self._seconds,
            layout=self._layout,
            forgotten_turns=self._forgotten_turns,
            origin=self._origin,
            finer=self._request.finer,
        )

    def read_all(self) -> Answer:
        """Takes all tokens that are left; the whole answer."""
        for _ in self:
            pass
        return self.answer()
