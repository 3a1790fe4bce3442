"""Answers from photos' features and questions' token ids: greedy, sampling and beam search.

Knows no files and no text; `core.decoding.answer_stream` adds the text, `core.session` the photos.

Shapes: B photos, G questions per photo, R = B*G sequences, I image tokens, Q question tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.answers import FinishReason
from core.config import GenerationConfig
from core.decoding.allowed_answers import AllowedAnswers, AllowedFilter
from core.decoding.beam_search import BeamSearch
from core.decoding.decoding_run import ChosenToken, RunShape, repeat_questions
from core.decoding.doubtful_colours import DoubtfulColours
from core.decoding.image_contrast import new_run
from core.decoding.repeated_runs import RepeatedRuns
from core.decoding.sampling import TokenByToken
from core.decoding.token_choice import AnswerAlphabet, LogitFilter, TokenChooser
from core.model.attention import MemoryKeysValues
from core.model.head_settings import HeadSettings
from core.model.vlm import VisionLanguageModel

ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class AnswerSettings:
    """How answers are made, the same for all of them."""

    alphabet: AnswerAlphabet
    generation: GenerationConfig
    heads: HeadSettings = field(default_factory=HeadSettings)
    allowed: AllowedAnswers | None = None
    """What may be answered, with `generation` as these have it; None takes any words."""
    repeats: RepeatedRuns | None = None
    """What keeps a free answer from saying words again straight after themselves; None allows it."""
    colours: DoubtfulColours | None = None
    """What keeps a free answer from naming doubtful colors; None allows it."""
    least_tokens: int = 0
    """Before which an answer doesn't end."""


def never_stop() -> bool:
    return False


@dataclass(frozen=True)
class GeneratedAnswer:
    """A whole answer as token ids."""

    tokens: tuple[ChosenToken, ...]
    finish: FinishReason

    @property
    def token_ids(self) -> list[int]:
        """The end token included."""
        return [token.token_id for token in self.tokens]


def prepare_memory(
    model: VisionLanguageModel, features: Tensor, questions: Sequence[Sequence[Sequence[int]]], *, pad_id: int,
    photos_hidden: bool = False,
) -> tuple[MemoryKeysValues, ...]:
    """Each decoder layer's keys and values of photos and their questions.

    features: [B, I, encoder width]; questions: B lists of up to G questions, each a list of token ids; photos_hidden: blank the
    photos out, as training does with some.
    """
    groups = max(map(len, questions))
    longest = max(len(ids) for group in questions for ids in group)
    ids = torch.full((len(questions), groups, longest), pad_id)
    padding = torch.ones(ids.shape, dtype=torch.bool)
    for photo, group in enumerate(questions):
        for index, question in enumerate(group):
            ids[photo, index, : len(question)] = torch.tensor(question)
            padding[photo, index, : len(question)] = False
    hidden = torch.ones(len(questions), dtype=torch.bool, device=features.device) if photos_hidden else None
    with torch.inference_mode():
        memory = model.memory(features, ids.to(features.device), padding.to(features.device), hidden_images=hidden)
        return model.keys_values(memory)


def stream_tokens(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    settings: AnswerSettings,
    *,
    distorted: Sequence[MemoryKeysValues] | None = None,
    should_stop: ShouldStop = never_stop,
) -> Generator[ChosenToken, None, FinishReason]:
    """The answer to one question about one photo, token by token; the generator's value is why it ended.

    memory: from prepare_memory, of one photo with one question; distorted: the same of the distorted photo, needed for a
    contrast with it (see core.decoding.image_contrast). should_stop is asked before each token; beam search
    asks it before each step, and gives its tokens once the search is done.
    """
    shape = run_shape(model, settings, photos=1, questions=1)
    if settings.generation.method == "beam":
        (answer,) = search_beams(new_beam_search(model, memory, distorted, shape, settings), shape, should_stop)
        yield from answer.tokens
        return answer.finish
    decoding = new_decoding(model, memory, distorted, [[True]], shape, settings)
    for place in range(shape.tokens):
        if should_stop():
            return "stopped"
        for _, token in decoding.step(last=place == shape.tokens - 1):
            yield token
        if decoding.done:
            return "end"
    return "length"


def generate_batch(
    model: VisionLanguageModel,
    features: Tensor,
    questions: Sequence[Sequence[Sequence[int]]],
    settings: AnswerSettings,
    *,
    distorted_features: Tensor | None = None,
    photos_hidden: bool = False,
    should_stop: ShouldStop = never_stop,
) -> list[list[GeneratedAnswer]]:
    """Answers to the questions about each photo, the same as each question alone gets.

    features: [B, I, encoder width]; questions: for each photo its questions as token ids (not all need the same
    number); a photo's keys and values are computed once for all of them; distorted_features: of the distorted photos,
    needed for a contrast with them; photos_hidden: blank the photos out, so that the questions alone are answered. should_stop is
    asked before each step.
    """
    pad_id = settings.alphabet.pad_id
    memory = prepare_memory(model, features, questions, pad_id=pad_id, photos_hidden=photos_hidden)
    distorted = None
    if distorted_features is not None and settings.heads.contrast is not None:
        distorted = prepare_memory(model, distorted_features, questions, pad_id=pad_id)
    most = max(map(len, questions))
    shape = run_shape(model, settings, photos=len(questions), questions=most)
    if settings.generation.method == "beam":
        answers = search_beams(new_beam_search(model, memory, distorted, shape, settings), shape, should_stop)
    else:
        asked = [[index < len(group) for index in range(most)] for group in questions]
        answers = collect_answers(new_decoding(model, memory, distorted, asked, shape, settings), shape, should_stop)
    return [answers[photo * most : photo * most + len(group)] for photo, group in enumerate(questions)]


def run_shape(model: VisionLanguageModel, settings: AnswerSettings, *, photos: int, questions: int) -> RunShape:
    """What a run has to hold. More tokens than the model has places are cut to its limit without a word."""
    generation = settings.generation
    return RunShape(
        photos, questions, tokens=min(generation.max_tokens + 1, model.config.max_answer_tokens),
        beams=generation.beam_width if generation.method == "beam" else 1,
    )


def new_decoding(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    distorted: Sequence[MemoryKeysValues] | None,
    asked: Sequence[Sequence[bool]],
    shape: RunShape,
    settings: AnswerSettings,
) -> TokenByToken:
    """Greedy decoding or sampling, ready for its first step. asked: see TokenByToken."""
    return TokenByToken(
        new_run(model, memory, distorted, shape=shape, heads=settings.heads),
        asked=asked,
        logit_filter=new_filter(model, settings),
        chooser=TokenChooser(settings.generation, rows=shape.photos * shape.questions),
    )


def new_beam_search(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    distorted: Sequence[MemoryKeysValues] | None,
    shape: RunShape,
    settings: AnswerSettings,
) -> BeamSearch:
    """A beam search, ready for its first step."""

    def repeated(layers: Sequence[MemoryKeysValues]) -> list[MemoryKeysValues]:
        return [repeat_questions(layer, beams=shape.beams) for layer in layers]

    return BeamSearch(
        new_run(
            model, repeated(memory), None if distorted is None else repeated(distorted), shape=shape, heads=settings.heads
        ),
        shape=shape,
        length_penalty=settings.generation.length_penalty,
        logit_filter=new_filter(model, settings),
    )


def new_filter(model: VisionLanguageModel, settings: AnswerSettings) -> LogitFilter:
    if settings.allowed is not None:
        return AllowedFilter(
            settings.generation, settings.allowed, alphabet=settings.alphabet, vocabulary_size=model.config.vocabulary_size,
            device=model.device,
        )
    return LogitFilter(
        settings.generation, alphabet=settings.alphabet, vocabulary_size=model.config.vocabulary_size, device=model.device,
        repeats=settings.repeats, colours=settings.colours, least_tokens=settings.least_tokens,
    )


def collect_answers(decoding: TokenByToken, shape: RunShape, should_stop: ShouldStop) -> list[GeneratedAnswer]:
    """Whole answers of all questions of a decoding."""
    tokens: list[list[ChosenToken]] = [[] for _ in range(shape.photos * shape.questions)]
    cut: FinishReason = "length"
    for place in range(shape.tokens):
        if should_stop():
            cut = "stopped"
            break
        for question, token in decoding.step(last=place == shape.tokens - 1):
            tokens[question].append(token)
        if decoding.done:
            break
    return [GeneratedAnswer(tuple(answer), "end" if decoding.has_ended(i) else cut) for i, answer in enumerate(tokens)]


def search_beams(search: BeamSearch, shape: RunShape, should_stop: ShouldStop) -> list[GeneratedAnswer]:
    """The best hypothesis of each question; no tokens at all where the search was stopped."""
    for place in range(shape.tokens):
        if should_stop():
            return [GeneratedAnswer((), "stopped") for _ in search.finished]
        if place == shape.tokens - 1:
            search.close()
        else:
            search.step()
        if search.done:
            break
    best = [(search.best(question), search.log_share(question)) for question in range(len(search.finished))]
    return [GeneratedAnswer(hypothesis.chosen_tokens(log_share=share), hypothesis.finish) for hypothesis, share in best]
