"""A loaded pretrained model and the photos it has seen: asked as core.session's model is asked."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from core.answer_model import OnStep, PretrainedDescription, ReadingProgress, ShouldStop
from core.answers import Answer, AnswerRequest, Comparison, FinishReason, HalfArray, HeadIndex, ModelOrigin
from core.config import GenerationConfig, SpinConfig, require
from core.decoding.answer_stream import compare_answers
from core.decoding.token_choice import draw_seed
from core.errors import SpinVlmError
from core.photo_layout import PhotoLayout
from core.pretrained.answer_stream import PretrainedAnswerStream
from core.pretrained.decoding.decoding_run import (
    DecodingRun,
    ReadPrompt,
    Settings,
    replayed,
    stream_tokens,
)
from core.pretrained.decoding.given_answer import WordMaps, maps_of_words
from core.pretrained.decoding.head_records import ChosenToken
from core.pretrained.description import USUAL_ANSWER, check_request, describe_model
from core.pretrained.library import transformers
from core.pretrained.loading.load import CheckedModel, load_pretrained
from core.pretrained.loading.model_check import HEIGHT, WIDTH
from core.pretrained.loading.speed_trial import ComputeChoice
from core.pretrained.photo.photo_input import blank_photo
from core.pretrained.prompt.text_stream import TextStream
from core.pretrained.reading import PromptReader, Reading

PhotoSource = Path | bytes
REMEMBERED_ANSWERS = 2
"""Those of a comparison. Each holds keys and values as large as its prompt's."""
USUAL = GenerationConfig(max_tokens=USUAL_ANSWER)


def never_stop() -> bool:
    return False


class PretrainedSession:
    """Answers questions about photos. It remembers what it has read of the latest photos, never what was answered."""

    def __init__(self, model: CheckedModel) -> None:
        """Takes over a loaded model."""
        self._model = model
        self._runs: list[tuple[ReadPrompt, Settings, DecodingRun]] = []
        self._reader = PromptReader(model.parts, before_reading=self._runs.clear)
        engine = f"transformers {transformers().__version__}"
        self._origin = ModelOrigin(engine, model.folder.name, model.folder.revision, model.choice.precision)

    @classmethod
    def load(
        cls, path: Path, *, device: str = "auto", threads: int | None = None, precision: str = "auto",
        remembered: ComputeChoice | None = None, revision: str | None = None, on_step: OnStep | None = None,
    ) -> Self:
        """A session with the model in this folder; see load_pretrained.

        revision: the hub's commit that it must be, None takes any.
        """
        model = load_pretrained(
            path, device=device, precision=precision, threads=threads, remembered=remembered, revision=revision, on_step=on_step
        )
        return cls(model)

    @property
    def choice(self) -> ComputeChoice:
        """How it computes, to be remembered for this model on this computer."""
        return self._model.choice

    def describe(self) -> PretrainedDescription:
        """The model, what can be asked of it, and how it computes."""
        return describe_model(self._model, self._reader)

    def stream_answer(
        self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop, progress: ReadingProgress | None = None
    ) -> PretrainedAnswerStream:
        """The answer's tokens as they are made; `.answer()` of what is returned gives the whole.

        should_stop is asked before each token and, while photo and question are read, before each layer; progress is told
        how many layers have read them. Raises ConfigError at once, and ImageError or QuestionError when the first token is
        asked for.
        """
        self._check(request)
        request = self._without_unusable_turns(request)
        return PretrainedAnswerStream(
            request,
            lambda: self._reader.read(request, should_stop=should_stop, progress=progress),
            lambda reading: self._generate(reading, request, should_stop),
            TextStream(self._model.parts.tokenizer),
            origin=self._origin,
        )

    def answer(self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop) -> Answer:
        """The whole answer. Raises as stream_answer does."""
        return self.stream_answer(request, should_stop=should_stop).read_all()

    def compare(self, request: AnswerRequest, *, should_stop: ShouldStop = never_stop) -> Comparison:
        """The answers with the request's head suppression off and on; photo and question are read once for both.

        A sampled answer draws alike both times. Raises as stream_answer does, and ConfigError where the request has no
        head suppression.
        """
        require(request.spin is not None, "a comparison needs head suppression settings, and there are none")
        baseline, spin = self.sweep(request, [None, request.spin], should_stop=should_stop)
        return compare_answers(baseline, spin)

    def sweep(
        self, request: AnswerRequest, settings: Sequence[SpinConfig | None], *, should_stop: ShouldStop = never_stop
    ) -> Iterator[Answer]:
        """The answers to one question under each setting in turn; None is off. Photo and question are read once.

        Raises as stream_answer does.
        """
        generation = request.generation
        if generation.method == "sampling" and generation.seed is None:
            generation = replace(generation, seed=draw_seed())
        for spin in settings:
            self._check(replace(request, spin=spin))
        return (
            self.answer(replace(request, spin=spin, generation=generation), should_stop=should_stop) for spin in settings
        )

    def answer_many(
        self, images: Iterable[PhotoSource], question: str, *, spin: SpinConfig | None = None,
        generation: GenerationConfig = USUAL, ablated_heads: frozenset[HeadIndex] = frozenset(), finer: bool = False,
        free_form: bool = False, batch_size: int = 1, should_stop: ShouldStop = never_stop,
    ) -> Iterator[tuple[PhotoSource, Answer | SpinVlmError]]:
        """The same question about many photos, in their order, one by one. Every question is put as it was
        typed: batch_size and free_form are there for the common interface.

        A photo that can't be used comes with its error instead of an answer, and the others go on. When should_stop says
        so, answers that are done still come, others don't. Raises ConfigError and QuestionError at once.
        """
        require(batch_size >= 1, f"batch_size must be at least 1, got {batch_size}")
        request = AnswerRequest(
            b"", question, spin=spin, generation=generation, ablated_heads=ablated_heads, finer=finer
        )
        self._check(request)
        self._reader.check_question(request)
        return self._answer_each(images, request, should_stop)

    def head_maps(self, request: AnswerRequest, answer: Sequence[int], *, index: int) -> HalfArray:
        """[L, H, C] each head's own attention on each cell for the query that predicted the answer's token `index`.

        answer: the token ids of an answer to this request. For one of the latest answers a single token is run again,
        otherwise all up to that one. Raises as stream_answer does, and ConfigError for an index that the answer doesn't have.
        """
        require(0 <= index < len(answer), f"the answer has no token {index}: it has {len(answer)}")
        self._check(request)
        reading = self._reader.read(self._without_unusable_turns(request))
        settings = Settings(request.spin, request.ablated_heads)
        before = answer[:index]
        kept = (run.back_at(before) for prompt, done, run in self._runs if prompt is reading.prompt and done == settings)
        run = next((each for each in kept if each is not None), None)
        run = run or replayed(self._model.parts.loaded, reading.prompt, before, settings=settings)
        run.next_logits(keep_heads=True)
        return run.head_maps()

    def word_maps(self, request: AnswerRequest, text: str, places: Sequence[int]) -> tuple[PhotoLayout, list[WordMaps]]:
        """Where the heads looked before each of the words that begin at these places of a given answer, and on which cells.

        The answer is given to the model token by token, without head suppression. Raises as stream_answer does.
        """
        self._check(request)
        reading, parts = self._reader.read(self._without_unusable_turns(request)), self._model.parts
        return reading.layout, list(maps_of_words(parts.loaded, reading.prompt, parts.tokenizer, text, places))

    def short_question(self, question: str) -> str:
        """The question as this model is asked it where a word or a phrase is wanted."""
        return self._model.parts.prompts.for_short_answer(question)

    def blank_photo(self) -> bytes:
        """What stands for no photo: one on which there is nothing, of the colour that is zero to this model."""
        return blank_photo(self._model.parts.processor, width=WIDTH, height=HEIGHT)

    def seconds_to_read(self, *, finer: bool) -> float:
        """How long a photo of usual shape with a short question takes to be read, by trying it once."""
        started = time.perf_counter()
        self._reader.read_generated(finer=finer)
        return time.perf_counter() - started

    def _answer_each(
        self, images: Iterable[PhotoSource], request: AnswerRequest, should_stop: ShouldStop
    ) -> Iterator[tuple[PhotoSource, Answer | SpinVlmError]]:
        for image in images:
            if should_stop():
                return
            try:
                answer = self.answer(replace(request, image=image), should_stop=should_stop)
            except SpinVlmError as error:
                yield image, error
                continue
            if answer.finish != "stopped":
                yield image, answer

    def _generate(
        self, reading: Reading, request: AnswerRequest, should_stop: ShouldStop
    ) -> Generator[ChosenToken, None, FinishReason]:
        settings = Settings(request.spin, request.ablated_heads)
        run = DecodingRun(self._model.parts.loaded, reading.prompt, settings)
        del self._runs[: len(self._runs) + 1 - REMEMBERED_ANSWERS]
        self._runs.append((reading.prompt, settings, run))
        return (
            yield from stream_tokens(
                run, generation=request.generation, end_ids=self._model.parts.loaded.end_ids,
                limit=min(request.generation.max_tokens, self._model.longest_answer), should_stop=should_stop,
            )
        )

    def _without_unusable_turns(self, request: AnswerRequest) -> AnswerRequest:
        return request if self._model.parts.loaded.family.has_template else replace(request, earlier=())

    def _check(self, request: AnswerRequest) -> None:
        """Raises ConfigError before any photo is looked at."""
        check_request(request, self._model.parts.loaded)
