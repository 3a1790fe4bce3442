"""An answer to a class question, made of a photo's features by the head that was learnt for it.

The decoder has no part in it. The answer's one token has one map in place of the heads': the evidence for the class that each
cell of the photo holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Self

import numpy as np

from core.answers import Answer, AnswerToken, FloatArray, PatchToken
from core.certainty import DECLINED_BELOW
from core.classes.class_question import ClassQuestion, ClassSummary, is_none
from core.text.question_kinds.declining import NO_CLASS, UNSURE, Declining, other_model

ONE_HEAD = np.ones((1, 1), dtype=np.float32)


def class_answer(
    learnt: ClassQuestion, features: FloatArray, *, typed: str, grid_side: int, request_id: int = 0, seconds: float = 0.0
) -> Answer:
    """features: [1 + S * S, C] of the photo, as the encoder gives them; typed: the question in the asker's words."""
    head, names = learnt.head, learnt.summary.classes
    cells = features[1:].astype(np.float32)
    photo = cells.mean(axis=0)
    log_shares = head.log_shares(photo)
    order = np.argsort(-log_shares, kind="stable")
    best = int(order[0])
    log_probability = float(log_shares[best])
    certainty = None if head.curve is None else head.curve.at(log_probability)
    declined: Declining | None = None
    if is_none(names[best]) or head.fit(photo) < head.least_fit:
        best, certainty, declined = next(int(k) for k in order if not is_none(names[k])), None, NO_CLASS
        log_probability = float(log_shares[best])
    elif certainty is not None and certainty < DECLINED_BELOW:
        declined = UNSURE
    token = PatchToken(
        index=0, token_id=best, text=names[best], probability=float(np.exp(log_probability)), image_mass=ONE_HEAD,
        head_gate=ONE_HEAD, patch_attention=head.evidence(cells, best).reshape(1, 1, grid_side, grid_side),
        class_attention=np.zeros((1, 1), dtype=np.float32), request_id=request_id,
    )
    shares = tuple((names[k], float(np.exp(log_shares[k]))) for k in order)
    return Answer(
        typed, names[best], (token,), "end", log_probability, seconds, asked=learnt.summary.question, declined=declined,
        certainty=certainty, class_shares=shares,
    )


def declined_for_model(known: ClassSummary, *, typed: str) -> Answer:
    """The answer where it was learnt with another model's encoder."""
    declined = other_model(known.model)
    return Answer(typed, declined.sentence, (), "end", 0.0, 0.0, declined=declined)


class ClassAnswerStream(Iterator[AnswerToken]):
    """A class answer as others come: nothing is computed before its token is asked for, and one that is held back has none."""

    def __init__(self, typed: str, make: Callable[[], Answer | None]) -> None:
        """make: None where it was stopped before anything was known."""
        self._answer = Answer(typed, "", (), "stopped", 0.0, 0.0)
        self._steps = self._run(make)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AnswerToken:
        return next(self._steps)

    def _run(self, make: Callable[[], Answer | None]) -> Iterator[AnswerToken]:
        started = time.perf_counter()
        made = make()
        if made is None:
            return
        self._answer = replace(made, seconds=time.perf_counter() - started)
        if made.declined is None:
            yield from made.tokens

    def answer(self) -> Answer:
        """What there is of it; it is `stopped` before its token was taken."""
        return self._answer

    def read_all(self) -> Answer:
        """The whole answer."""
        for _ in self:
            pass
        return self.answer()
