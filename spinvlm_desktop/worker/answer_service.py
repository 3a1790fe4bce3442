"""The window's end of the model's thread: numbers requests, drops what is late, ends the thread."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from core.answers import AnswerRequest
from core.config import GenerationConfig, SpinConfig
from spinvlm_desktop.worker.answer_worker import AnswerWorker, BatchJob, HeadMapsJob, ModelChoice
from spinvlm_desktop.worker.garbage import WindowThreadGarbage


class AnswerService(QObject):
    """Asks the worker; its signals come in the window's thread, and only for requests that are still wanted."""

    model_loaded = Signal(object, object)
    model_failed = Signal(str, str, object)
    load_step = Signal(str)
    reading = Signal(int, int, int)
    head_maps_ready = Signal(int, int, object)
    head_maps_failed = Signal(int, str)
    tokens_ready = Signal(int, object)
    answered = Signal(int, object)
    answer_failed = Signal(int, str, str)
    photo_answered = Signal(object)
    """PhotoAnswer"""
    batch_ended = Signal(bool, str)
    """Whether it was cancelled, and a sentence where it failed."""

    _load_wanted = Signal(object)
    _answer_wanted = Signal(object)
    _comparison_wanted = Signal(object)
    _batch_wanted = Signal(object)
    _head_maps_wanted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last_id = 0
        self._wanted: set[int] = set()
        self._batch_id = 0
        self._batch_cancelled = False
        self._garbage = WindowThreadGarbage(self)
        self._thread = QThread(self)
        self._thread.setObjectName("model")
        self._worker = AnswerWorker()
        self._worker.moveToThread(self._thread)
        self._load_wanted.connect(self._worker.load_model)
        self._answer_wanted.connect(self._worker.answer)
        self._comparison_wanted.connect(self._worker.compare)
        self._batch_wanted.connect(self._worker.answer_many)
        self._worker.model_loaded.connect(self._garbage.settle)
        self._worker.model_loaded.connect(self.model_loaded)
        self._worker.model_failed.connect(self.model_failed)
        self._head_maps_wanted.connect(self._worker.make_head_maps)
        self._worker.load_step.connect(self.load_step)
        self._worker.reading.connect(self._on_reading)
        self._worker.head_maps_ready.connect(self.head_maps_ready)
        self._worker.head_maps_failed.connect(self.head_maps_failed)
        self._worker.tokens_ready.connect(self._on_tokens)
        self._worker.answered.connect(self._on_answered)
        self._worker.answer_failed.connect(self._on_failed)
        self._worker.photo_answered.connect(self._on_photo)
        self._worker.batch_ended.connect(self._on_batch_ended)
        self._thread.start()

    def load_model(self, choice: ModelChoice) -> int:
        """Questions asked meanwhile wait for it; the model in use stays where this one can't be loaded.

        Returns the request's number, which `model_loaded` or `model_failed` comes with in its choice.
        """
        number = self._next_id()
        self._load_wanted.emit(replace(choice, request_id=number))
        return number

    def ask(self, request: AnswerRequest, *, compare: bool = False) -> int:
        """Ask, or compare with head suppression off and on. Returns the request's number."""
        number = self._next_id()
        self._wanted.add(number)
        (self._comparison_wanted if compare else self._answer_wanted).emit(replace(request, request_id=number))
        return number

    def ask_head_maps(self, request: AnswerRequest, token_ids: Sequence[int], indices: Sequence[int]) -> int:
        """Have the maps of all heads made again for tokens of an answer to this request, by their places in it.

        Returns the number that `head_maps_ready` and `head_maps_failed` come with.
        """
        number = self._next_id()
        job = HeadMapsJob(replace(request, request_id=number), tuple(token_ids), tuple(indices))
        self._head_maps_wanted.emit(job)
        return number

    def ask_many(
        self, images: Sequence[Path], question: str, *, spin: SpinConfig | None, generation: GenerationConfig,
        finer: bool = False,
    ) -> None:
        """One question about many photos; a batch that is under way is cancelled."""
        self.cancel_batch()
        self._batch_id, self._batch_cancelled = self._next_id(), False
        self._batch_wanted.emit(BatchJob(self._batch_id, tuple(images), question, spin, generation, finer))

    def cancel_batch(self) -> None:
        """Photos that are answered stay answered."""
        if self._batch_id:
            self._batch_cancelled = True
            self._worker.stop_batches_through(self._batch_id)

    def stop(self) -> None:
        """End what is being answered at its next token; it is delivered as far as it came."""
        self._worker.stop_through(self._last_id)

    def forget(self, request_id: int) -> None:
        """Stop a request and drop whatever still comes of it."""
        self._wanted.discard(request_id)
        self._worker.stop_through(request_id)

    def shut_down(self, *, patience: float = 1.0) -> bool:
        """End the thread. patience: seconds. False where it doesn't end, as in the middle of torch's import."""
        self._wanted.clear()
        self._batch_id = 0
        self._worker.stop_through(self._last_id)
        self._worker.stop_batches_through(self._last_id)
        self._thread.quit()
        deadline = time.monotonic() + patience
        while not self._thread.isFinished() and time.monotonic() < deadline:
            time.sleep(0.005)  # QThread.wait() would hold Python's lock, which the thread needs to come to its end
        if not self._thread.isFinished():
            return False
        self._garbage.end()
        return self._thread.wait()

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def _on_reading(self, request_id: int, done: int, total: int) -> None:
        if request_id in self._wanted:
            self.reading.emit(request_id, done, total)

    def _on_tokens(self, request_id: int, tokens: object) -> None:
        if request_id in self._wanted:
            self.tokens_ready.emit(request_id, tokens)

    def _on_answered(self, request_id: int, answer: object) -> None:
        if request_id in self._wanted:
            self._wanted.discard(request_id)
            self.answered.emit(request_id, answer)

    def _on_failed(self, request_id: int, sentence: str, details: str) -> None:
        if request_id in self._wanted:
            self._wanted.discard(request_id)
            self.answer_failed.emit(request_id, sentence, details)

    def _on_photo(self, request_id: int, answer: object) -> None:
        if request_id == self._batch_id:
            self.photo_answered.emit(answer)

    def _on_batch_ended(self, request_id: int, sentence: str) -> None:
        if request_id == self._batch_id:
            self._batch_id = 0
            self.batch_ended.emit(self._batch_cancelled, sentence)
