"""A loaded model and the photos it has seen: the one entry for the window and the command line."""

from __future__ import annotations

import copy
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from core.answer_model import ReadingProgress
from core.answers import Answer, AnswerRequest, Comparison, FinishReason, HeadIndex, SessionDescription
from core.certainty import MeasuredCertainty, certainty_in
from core.classes.class_answer import ClassAnswerStream
from core.classes.class_answering import ClassAnswering
from core.compute_device import choose_device, choose_precision, set_threads
from core.config import GenerationConfig, SpinConfig, require
from core.decoding.answer_stream import AnswerStream, TokenReader, compare_answers, whole_answer
from core.decoding.asked_question import AskedQuestion, read_question
from core.decoding.decoding_run import ChosenToken
from core.decoding.generation import (
    AnswerSettings,
    GeneratedAnswer,
    ShouldStop,
    generate_batch,
    never_stop,
    prepare_memory,
    stream_tokens,
)
from core.decoding.token_choice import AnswerAlphabet, draw_seed
from core.decoding.usual_way import answer_settings
from core.errors import ModelFileError, SpinVlmError
from core.files.bundled_models import starter_model_path
from core.files.checkpoint import ModelFile, load_model
from core.images.feature_cache import FeatureCache
from core.images.photo_encoder import PhotoEncoder, PhotoSource
from core.model.head_settings import HeadSettings, validate_ablation
from core.model.interventions import validate_intervention
from core.model.vlm import VisionLanguageModel

USUAL = GenerationConfig()


class ModelSession:
    """Answers questions about photos. It remembers photos' features only: no answer depends on an earlier question."""

    def __init__(
        self, file: ModelFile, *, device: torch.device, precision: torch.dtype = torch.float32, cache_images: int = 64,
        classes: Path | None = None,
    ) -> None:
        """The file's model is shared where it computes as asked for, else copied; it is never changed.

        classes: the folder of the user's class questions, which are answered as they were learnt; None has none.
        Raises ConfigError for a cache smaller than one image.
        """
        require(cache_images >= 1, f"cache_images must be at least 1, got {cache_images}")
        self._info = file.info
        self._certainty = certainty_in(file.calibration)
        self._shape = file.config.shape
        self._model = _computing(file.model, device=device, precision=precision)
        self._tokenizer = file.tokenizer
        self._alphabet = AnswerAlphabet.of(file.tokenizer)
        self._device = device
        self._precision = precision
        self._photos = PhotoEncoder(self._model, cache=FeatureCache(cache_images))
        self.classes = ClassAnswering(classes, self._photos, file.model.encoder, file.config)
        """Answers what the user taught it to tell apart, in the decoder's place."""

    @classmethod
    def load(
        cls,
        path: Path | None = None,
        *,
        device: str = "auto",
        threads: int | None = None,
        precision: str = "auto",
        cache_images: int = 64,
        content_hash: str | None = None,
        classes: Path | None = None,
    ) -> Self:
        """A session with this model file; None is the starter model that comes with the program.

        device: auto, cpu, cuda or mps; precision: auto, float32 or bfloat16; threads: CPU threads, None leaves torch's
        choice; content_hash: what the model's must be, None takes any; classes: the folder of the user's class questions. Raises
        ConfigError for a setting that can't be had, ModelFileError for a file that can't be used or holds another model.
        """
        chosen_device, chosen_precision = choose_device(device), choose_precision(precision)
        set_threads(threads)
        file = load_model(starter_model_path() if path is None else path)
        if content_hash is not None and file.content_hash != content_hash:
            raise ModelFileError(f"{file.path} holds another model than the one that is asked for.")
        return cls(
            file, device=chosen_device, precision=chosen_precision, cache_images=cache_images, classes=classes
        )

    def describe(self) -> SessionDescription:
        """The model and how it computes."""
        return SessionDescription(
            name=self._info.name,
            path=self._info.path,
            parameters=sum(parameter.numel() for parameter in self._model.parameters()),
            shape=self._shape,
            config=self._info.config,
            metrics=self._info.metrics,
            recipe=self._info.recipe,
            calibration=self._info.calibration,
            device=str(self._device),
            precision=str(self._precision).removeprefix("torch."),
            threads=torch.get_num_threads(),
        )

    def stream_answer(
        self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop, progress: ReadingProgress | None = None
    ) -> AnswerStream | ClassAnswerStream:
        """The answer's tokens as they are made; `.answer()` of what is returned gives the whole.

        A question that can't be answered from a photo is declined: its answer has no tokens, and the photo isn't looked
        at. should_stop is asked before each token; progress is called once, when the photo has been read. Raises
        QuestionError or ConfigError at once, and ImageError when the first token is asked for.
        """
        learnt = self.classes.find(request)
        if learnt is not None:
            return self.classes.stream(learnt, request, should_stop=should_stop, progress=progress)
        question = self._checked_question(request)
        return AnswerStream(
            question,
            lambda: self._generate(request, question, should_stop, progress),
            self._reader(request.request_id),
        )

    def answer(self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop) -> Answer:
        """The whole answer. Raises as stream_answer does."""
        return self.stream_answer(request, should_stop=should_stop).read_all()

    def compare(self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop) -> Comparison:
        """The answers with the request's head suppression off and on.

        A sampled answer draws alike both times, so that only the suppression makes a difference; neither answer is held
        back. Raises as
        stream_answer does, and ConfigError where the request has no head suppression.
        """
        require(request.spin is not None, "a comparison needs head suppression settings, and there are none")
        generation = request.generation
        if generation.method == "sampling" and generation.seed is None:
            generation = replace(generation, seed=draw_seed())
        if self.classes.find(request) is None:
            self._checked_question(request)
        baseline = self.answer(replace(request, spin=None, generation=generation), should_stop=should_stop)
        spin = self.answer(replace(request, generation=generation), should_stop=should_stop)
        return compare_answers(*(_given(answer) for answer in (baseline, spin)))

    def answer_many(
        self,
        images: Iterable[PhotoSource],
        question: str,
        *,
        spin: SpinConfig | None = None,
        generation: GenerationConfig = USUAL,
        ablated_heads: frozenset[HeadIndex] = frozenset(),
        free_form: bool = False,
        finer: bool = False,
        batch_size: int = 16,
        should_stop: ShouldStop = never_stop,
    ) -> Iterator[tuple[PhotoSource, Answer | SpinVlmError]]:
        """The same question about many photos, in their order, batch by batch.

        A photo that can't be used comes with its error instead of an answer, and the others go on. Each answer's
        `seconds` is its share of its batch. When should_stop says so, answers that are done still come, others don't.
        A question that is declined is so for every photo, and none is looked at. Raises QuestionError and ConfigError
        at once.
        """
        require(batch_size >= 1, f"batch_size must be at least 1, got {batch_size}")
        request = AnswerRequest(
            b"", question, spin=spin, generation=generation, ablated_heads=ablated_heads, free_form=free_form, finer=finer
        )
        learnt = self.classes.find(request)
        if learnt is not None:
            return self.classes.answer_many(learnt, images, request, batch_size=batch_size, should_stop=should_stop)
        asked = self._checked_question(request)
        if asked.declined is not None:
            return ((image, asked.answer()) for image in images if not should_stop())
        return self._answer_batches(images, request, asked, batch_size=batch_size, should_stop=should_stop)

    def _answer_batches(
        self, images: Iterable[PhotoSource], request: AnswerRequest, question: AskedQuestion, *, batch_size: int,
        should_stop: ShouldStop,
    ) -> Iterator[tuple[PhotoSource, Answer | SpinVlmError]]:
        remaining = iter(images)
        while not should_stop() and (batch := list(islice(remaining, batch_size))):
            started = time.perf_counter()
            features = self._photos.encode(batch)
            usable = [index for index, found in enumerate(features) if isinstance(found, Tensor)]
            encoded = [found for found in features if isinstance(found, Tensor)]
            generated = self._generate_batch(encoded, request, question, should_stop)
            seconds = (time.perf_counter() - started) / len(batch)
            answers = dict(zip(usable, generated, strict=True))
            for index, (image, found) in enumerate(zip(batch, features, strict=True)):
                if isinstance(found, SpinVlmError):
                    yield image, found
                elif answers[index].finish != "stopped":
                    yield image, whole_answer(question, answers[index], self._reader(0), seconds=seconds)

    def _generate_batch(
        self, features: Sequence[Tensor], request: AnswerRequest, question: AskedQuestion, should_stop: ShouldStop
    ) -> list[GeneratedAnswer]:
        """The same question about each photo: features [I, encoder width] of each."""
        if not features:
            return []
        answers = generate_batch(
            self._model, torch.stack(list(features)), [[question.prompt]] * len(features), self._settings(request, question),
            should_stop=should_stop,
        )
        return [answer for (answer,) in answers]

    def _checked_question(self, request: AnswerRequest) -> AskedQuestion:
        """Raises QuestionError or ConfigError before any photo is looked at."""
        require(not request.finer, "this model looks at a photo in one way only; there is no finer one")
        validate_intervention(self._shape, request.spin)
        validate_ablation(self._shape, request.ablated_heads)
        return read_question(
            self._tokenizer, request, max_tokens=self._shape.max_question_tokens,
            max_answer_tokens=self._shape.max_answer_tokens, measured=self._measured(request),
        )

    def _measured(self, request: AnswerRequest) -> MeasuredCertainty | None:
        """What makes an answer's certainty; None where the answer is made otherwise than the answers it was measured on."""
        generation, found = request.generation, self._certainty
        plain = (generation.method, generation.repetition_penalty, generation.no_repeat_ngram) == ("default", 1.0, 0)
        if found is None or not plain or request.ablated_heads or request.spin != found.spin:
            return None
        return found

    def _generate(
        self, request: AnswerRequest, question: AskedQuestion, should_stop: ShouldStop, progress: ReadingProgress | None
    ) -> Generator[ChosenToken, None, FinishReason]:
        if should_stop():
            return "stopped"
        (features,) = self._photos.encode([request.image])
        if isinstance(features, SpinVlmError):
            raise features
        if progress is not None:
            progress(1, 1)
        memory = prepare_memory(self._model, features[None], [[question.prompt]], pad_id=self._alphabet.pad_id)
        settings = self._settings(request, question)
        return (yield from stream_tokens(self._model, memory, settings, should_stop=should_stop))

    def _settings(self, request: AnswerRequest, question: AskedQuestion) -> AnswerSettings:
        heads = HeadSettings(request.spin, ablated=request.ablated_heads, record=True)
        return answer_settings(self._tokenizer, question, request.generation, heads)

    def _reader(self, request_id: int) -> TokenReader:
        return TokenReader(self._tokenizer, grid_side=self._shape.grid_side, request_id=request_id)


def _given(answer: Answer) -> Answer:
    """The answer, also where it is so uncertain that it would be held back."""
    return replace(answer, declined=None) if answer.declined is not None and answer.declined.has_guess else answer


def _computing(model: VisionLanguageModel, *, device: torch.device, precision: torch.dtype) -> VisionLanguageModel:
    """The model in eval mode, with all weights on this device and of this type: the same one where it is so, else a copy."""
    wanted = torch.empty(0, device=device, dtype=precision)
    if not model.training and all(
        (weight.device, weight.dtype) == (wanted.device, wanted.dtype) for weight in model.parameters()
    ):
        return model
    return copy.deepcopy(model).to(device=device, dtype=precision).eval()
