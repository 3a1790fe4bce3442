"""Lives in a thread of its own, holds the loaded model there, and answers one request after the other."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.answer_model import NO_BEAM_SEARCH, AnswerModel, HeadMapModel
from core.answers import Answer, AnswerRequest, AnswerToken
from core.config import GenerationConfig, MethodName, SpinConfig, require
from core.errors import SpinVlmError
from spinvlm_desktop.system import paths

log = logging.getLogger(__name__)
TOKEN_INTERVAL = 0.04
"""Seconds between two deliveries of tokens: one a frame or two, not one a token."""
PORTION = 4
"""Photos of a folder that a small model answers at once."""


@dataclass(frozen=True)
class ModelChoice:
    """Which model to load, and how it is to compute."""

    path: Path | None = None
    """None is the starter model; a file is one of this program's, a folder a pretrained one."""
    device: str = "auto"
    threads: int | None = None
    content_hash: str | None = None
    """What the model's must be, or the revision of a pretrained one; None takes any."""
    method: MethodName = "default"
    """How it is going to choose the words of its answers."""
    request_id: int = 0
    """Number of the request to load it."""


@dataclass(frozen=True)
class HeadMapsJob:
    """The maps of all heads for some tokens of an answer, to be made again."""

    request: AnswerRequest
    """What was asked; its number is that of this job."""
    token_ids: tuple[int, ...]
    """All of the answer's."""
    indices: tuple[int, ...]
    """The tokens' places in it."""


@dataclass(frozen=True)
class BatchJob:
    """One question about many photos."""

    request_id: int
    images: tuple[Path, ...]
    question: str
    spin: SpinConfig | None
    generation: GenerationConfig
    finer: bool = False
    """Whether the photos are looked at finer, where the model can."""


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
    """core.answer_model.ModelDescription, and the ModelChoice that it was loaded for"""
    load_step = Signal(str)
    """A sentence about what is being done to load a model"""
    reading = Signal(int, int, int)
    """request_id, and how many of how many steps photo and question have been read in"""
    head_maps_ready = Signal(int, int, object)
    """request_id, a token's place in the answer, and the maps of its heads [layers, heads, cells]"""
    head_maps_failed = Signal(int, str)
    """request_id, a sentence"""
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
        self._session: AnswerModel | None = None
        self._portion = PORTION
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
            is_pretrained = choice.path is not None and choice.path.is_dir()
            require(not is_pretrained or choice.method != "beam", NO_BEAM_SEARCH)
            from core.open_model import open_model  # torch is loaded here, when the window is long visible

            session = open_model(
                choice.path, models=paths.models_folder(), choices=paths.compute_choices_file(), device=choice.device,
                threads=choice.threads, content_hash=choice.content_hash, on_step=self.load_step.emit,
                classes=paths.classes_folder(),
            )
        except Exception as error:  # the outermost frame of this thread: whatever it is, the window must hear of it
            self.model_failed.emit(*_sentence_and_details(error, "The model could not be loaded"), choice)
            return
        self._session = session
        self._portion = 1 if is_pretrained else PORTION  # a pretrained model takes seconds a photo
        self.model_loaded.emit(session.describe(), choice)

    @Slot(object)
    def answer(self, request: AnswerRequest) -> None:
        try:
            stream = self._ready().stream_answer(
                self._fitted(request), should_stop=self._stop_test(request.request_id),
                progress=lambda done, total: self.reading.emit(request.request_id, done, total),
            )
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
            comparison = self._ready().compare(self._fitted(request), should_stop=self._stop_test(request.request_id))
            self.answered.emit(request.request_id, comparison)
        except Exception as error:
            self.answer_failed.emit(request.request_id, *_sentence_and_details(error, "The question could not be answered"))

    @Slot(object)
    def make_head_maps(self, job: HeadMapsJob) -> None:
        number = job.request.request_id
        try:
            session = self._ready()
            require(isinstance(session, HeadMapModel), "the model in use can't make the map of a single head again")
            assert isinstance(session, HeadMapModel)
            for index in job.indices:
                self.head_maps_ready.emit(number, index, session.head_maps(job.request, job.token_ids, index=index))
        except Exception as error:
            self.head_maps_failed.emit(number, _sentence_and_details(error, "The map could not be made")[0])

    @Slot(object)
    def answer_many(self, job: BatchJob) -> None:
        try:
            session = self._ready()
            results = session.answer_many(
                job.images, job.question, spin=job.spin, generation=job.generation, batch_size=self._portion,
                finer=job.finer and session.describe().can_be_finer,
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
        portion = self._portion
        try:
            answered = 0
            for result in islice(results, portion):
                self.photo_answered.emit(job.request_id, result)
                answered += 1
        except Exception as error:
            self._end_batch(job, error)
            return
        if answered == portion:
            self._portion_wanted.emit()
        else:
            self._end_batch(job)

    def _end_batch(self, job: BatchJob, error: Exception | None = None) -> None:
        self._batch = None
        sentence = "" if error is None else _sentence_and_details(error, "The batch could not go on")[0]
        self.batch_ended.emit(job.request_id, sentence)

    def _fitted(self, request: AnswerRequest) -> AnswerRequest:
        """The request without what another model was asked for, which was in use when it was made."""
        return replace(request, finer=request.finer and self._ready().describe().can_be_finer)

    def _ready(self) -> AnswerModel:
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
