"""Class questions in a loaded model: which of its questions are some, and their answers about one photo or many."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice
from pathlib import Path

from torch import Tensor

from core.answer_model import ReadingProgress, ShouldStop
from core.answers import Answer, AnswerRequest, FloatArray
from core.classes.class_answer import ClassAnswerStream, class_answer, declined_for_model
from core.classes.class_question import ClassQuestion, ClassSummary
from core.classes.class_store import ClassStore
from core.classes.encoder_fingerprint import encoder_fingerprint
from core.config import ModelConfig
from core.errors import SpinVlmError
from core.images.photo_encoder import PhotoEncoder, PhotoSource
from core.model.vision_encoder import VisionEncoder

Learnt = ClassQuestion | ClassSummary
"""A summary alone is of another model's encoder: its question can't be answered here."""


class ClassAnswering:
    """Needs the encoder only; the decoder, its heads and SPIN make no difference."""

    def __init__(
        self, folder: Path | None, photos: PhotoEncoder, encoder: VisionEncoder, config: ModelConfig
    ) -> None:
        """folder: where class questions are kept, None has none; encoder: as the model's file has it."""
        self._store = None if folder is None else ClassStore(folder)
        self._photos, self._encoder, self._config = photos, encoder, config

    @property
    def fingerprint(self) -> str:
        """By which a class question is known to be this encoder's."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        return encoder_fingerprint(self._encoder, image_size=self._config.image_size)

    def mean_features(self, photos: Sequence[PhotoSource]) -> list[FloatArray | SpinVlmError]:
        """[C] of each photo: the mean of the encoder's cells, on which class questions are learnt; or why it can't be used."""
        return [
            found if isinstance(found, SpinVlmError) else _array(found)[1:].mean(axis=0) for found in self._photos.encode(photos)
        ]

    def find(self, request: AnswerRequest) -> Learnt | None:
        """What was learnt to answer a question; None where the decoder is to answer it."""
        if self._store is None or request.free_form or not self._store.summaries():
            return None
        return self._store.find(request.question, encoder=self.fingerprint)

    def stream(
        self, learnt: Learnt, request: AnswerRequest, *, should_stop: ShouldStop, progress: ReadingProgress | None
    ) -> ClassAnswerStream:
        """The answer about one photo, which is read when its token is asked for; raises ImageError then."""
        def make() -> Answer | None:
            if isinstance(learnt, ClassSummary):
                return declined_for_model(learnt, typed=request.question)
            if should_stop():
                return None
            (features,) = self._photos.encode([request.image])
            if isinstance(features, SpinVlmError):
                raise features
            if progress is not None:
                progress(1, 1)
            return self._answer(learnt, features, request)

        return ClassAnswerStream(request.question, make)

    def answer_many(
        self, learnt: Learnt, images: Iterable[PhotoSource], request: AnswerRequest, *, batch_size: int,
        should_stop: ShouldStop,
    ) -> Iterator[tuple[PhotoSource, Answer | SpinVlmError]]:
        """The answers about many photos, in their order; a photo that can't be used comes with its error."""
        remaining = iter(images)
        while not should_stop() and (batch := list(islice(remaining, batch_size))):
            if isinstance(learnt, ClassSummary):
                yield from ((image, declined_for_model(learnt, typed=request.question)) for image in batch)
                continue
            started = time.perf_counter()
            encoded = self._photos.encode(batch)
            seconds = (time.perf_counter() - started) / len(batch)
            for image, found in zip(batch, encoded, strict=True):
                usable = not isinstance(found, SpinVlmError)
                yield image, replace(self._answer(learnt, found, request), seconds=seconds) if usable else found

    def _answer(self, learnt: ClassQuestion, features: Tensor, request: AnswerRequest) -> Answer:
        return class_answer(
            learnt, _array(features), typed=request.question, grid_side=self._config.grid_side, request_id=request.request_id
        )


def _array(features: Tensor) -> FloatArray:
    return features.float().cpu().numpy()
