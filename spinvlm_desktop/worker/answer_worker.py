"""Lives in a thread of its own, holds the loaded model there, and answers one request after the other."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.answers import Answer, AnswerRequest, AnswerToken
from core.config import GenerationConfig, SpinConfig
from core.errors import SpinVlmError

if TYPE_CHECKING:
    from core.session import ModelSession

log = logging.getLogger(__name__)
TOKEN_INTERVAL = 0.04
"""Seconds between two deliveries of tokens: one a frame or two, not one a token."""
PORTION = 4
"""Photos of a folder that are answered at once."""


@dataclass(frozen=True)
class ModelChoice:
    """Which model to load, and how it is to compute."""

    path: Path | None = None
    """None is the starter model."""
    device: str = "auto"
    threads: int | None = None
    content_hash: str | None = None
    """What the model's must be; None takes any."""
    request_id: int = 0
    """Number of the request to load it."""


@dataclass(frozen=True)
class BatchJob:
    """One question about many photos."""

    request_id: int
    images: tuple[Path, ...]
    question: str
    spin: SpinConfig | None
    generation: GenerationConfig


@dataclass(frozen=True)
class PhotoAnswer:
    """What came of one photo of a batch."""

    image: Path
    result: Answer | SpinVlmError
    model: str
    """Name of the model that was asked."""


class AnswerWorker(QObject):
    """Every request ends with exactly one of `answered`, `answer_failed`, `batch_ended`, `model_loaded`, `model_failed`."""

    model_loaded = Signal(object, object)
    """core.answers.SessionDescription, and the ModelChoice that it was loaded for"""
    model_failed = Signal(str, str, object)
    """A sentence, details, and the ModelChoice that can't be had; the model before stays in use."""
    tokens_ready = Signal(int, object)
    """request_id, list[AnswerToken]"""
    answered = Signal(int, object)
    """request_id, Answer or Comparison; also of an answer that was stopped."""
    answer_failed = Signal(int, str, str)
    """request_id, a sentence, details"""
    photo_answered = Signal(int, object)
    """request_id, PhotoAnswer; photos whose answer was stopped are left out"""
    batch_ended = Signal(int, str)
    """request_id, and a sentence where it failed, else empty"""

    _portion_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._session: ModelSession | None = None
        self._stopped_through = self._batches_stopped_through = 0
        self._batch: tuple[BatchJob, Iterator[PhotoAnswer]] | None = None
        # Queued, so that questions that came meanwhile are answered before the next photos of a folder.
        self._portion_wanted.connect(self._answer_portion, Qt.ConnectionType.QueuedConnection)

    def stop_through(self, request_id: int) -> None:
        """Requests up to this number end at their next token. Called from the window's thread; one int, written whole."""
        self._stopped_through = max(self._stopped_through, request_id)

    def stop_batches_through(self, request_id: int) -> None:
        """The same for batches, which go on when an answer in the chat is stopped."""
        self._batches_stopped_through = max(self._batches_stopped_through, request_id)

    def _stop_test(self, request_id: int) -> Callable[[], bool]:
        return lambda: request_id <= self._stopped_through

    @Slot(object)
    def load_model(self, choice: ModelChoice) -> None:
        try:
            from core.session import ModelSession  # torch is loaded here, when the window is long visible

            session = ModelSession.load(
                choice.path, device=choice.device, threads=choice.threads, content_hash=choice.content_hash
            )
        except Exception as error:  # the outermost frame of this thread: whatever it is, the window must hear of it
            self.model_failed.emit(*_sentence_and_details(error, "The model could not be loaded"), choice)
            return
        self._session = session
        self.model_loaded.emit(session.describe(), choice)

    @Slot(object)
    def answer(self, request: AnswerRequest) -> None:
        try:
            stream = self._ready().stream_answer(request, should_stop=self._stop_test(request.request_id))
            waiting: list[AnswerToken] = []
            delivered = 0.0
            for token in stream:
                waiting.append(token)
                if time.monotonic() - delivered >= TOKEN_INTERVAL:
                    self.tokens_ready.emit(request.request_id, waiting)
                    waiting, delivered = [], time.monotonic()
            if waiting:
                self.tokens_ready.emit(request.request_id, waiting)
            self.answered.emit(request.request_id, stream.answer())
        except Exception as error:
            self.answer_failed.emit(request.request_id, *_sentence_and_details(error, "The question could not be answered"))

    @Slot(object)
    def compare(self, request: AnswerRequest) -> None:
        try:
            comparison = self._ready().compare(request, should_stop=self._stop_test(request.request_id))
            self.answered.emit(request.request_id, comparison)
        except Exception as error:
            self.answer_failed.emit(request.request_id, *_sentence_and_details(error, "The question could not be answered"))

    @Slot(object)
    def answer_many(self, job: BatchJob) -> None:
        try:
            session = self._ready()
            results = session.answer_many(
                job.images, job.question, spin=job.spin, generation=job.generation, batch_size=PORTION,
                should_stop=lambda: job.request_id <= self._batches_stopped_through,
            )
        except Exception as error:
            self._end_batch(job, error)
            return
        self._batch = job, _photo_answers(results, model=session.describe().name)
        self._portion_wanted.emit()

    @Slot()
    def _answer_portion(self) -> None:
        if self._batch is None:
            return
        job, results = self._batch
        try:
            answered = 0
            for result in islice(results, PORTION):
                self.photo_answered.emit(job.request_id, result)
                answered += 1
        except Exception as error:
            self._end_batch(job, error)
            return
        if answered == PORTION:
            self._portion_wanted.emit()
        else:
            self._end_batch(job)

    def _end_batch(self, job: BatchJob, error: Exception | None = None) -> None:
        self._batch = None
        sentence = "" if error is None else _sentence_and_details(error, "The batch could not go on")[0]
        self.batch_ended.emit(job.request_id, sentence)

    def _ready(self) -> ModelSession:
        if self._session is None:
            raise SpinVlmError("There is no model to ask; choose one in the Models menu.")
        return self._session


def _photo_answers(
    results: Iterator[tuple[object, Answer | SpinVlmError]], *, model: str
) -> Iterator[PhotoAnswer]:
    for image, result in results:
        assert isinstance(image, Path)
        yield PhotoAnswer(image, result, model)


def _sentence_and_details(error: Exception, what: str) -> tuple[str, str]:
    """An error as one sentence, and its details."""
    if isinstance(error, SpinVlmError):
        return str(error), ""
    log.exception(what)
    reason = "memory ran out" if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"
    return f"{what}: {reason}.", "".join(traceback.format_exception(error))
