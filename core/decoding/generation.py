"""Answers from photos' features and questions' token ids: greedy, sampling and beam search.

Knows no files and no text; `core.decoding.answer_stream` adds the text, `core.session` the photos.

Shapes: B photos, G questions per photo, R = B*G sequences, I image tokens, Q question tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.answers import FinishReason
from core.config import GenerationConfig, ModelConfig
from core.decoding.beam_search import BeamSearch
from core.decoding.decoding_run import ChosenToken, HeadSettings, repeat_questions
from core.decoding.image_contrast import new_run
from core.decoding.sampling import TokenByToken
from core.decoding.token_choice import AnswerAlphabet, LogitFilter, TokenChooser
from core.model.attention import MemoryKeysValues
from core.model.vlm import VisionLanguageModel

ShouldStop = Callable[[], bool]
NO_SUPPRESSION = HeadSettings()


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


def text_token_limit(config: ModelConfig, generation: GenerationConfig) -> int:
    """Tokens that an answer may have before its end token.

    The model's own limit counts the end token; a larger max_tokens is clamped to it without a word.
    """
    return min(generation.max_tokens, config.max_answer_tokens - 1)


def prepare_memory(
    model: VisionLanguageModel, features: Tensor, questions: Sequence[Sequence[Sequence[int]]], *, pad_id: int
) -> tuple[MemoryKeysValues, ...]:
    """Each decoder layer's keys and values of photos and their questions.

    features: [B, I, encoder width]; questions: B lists of up to G questions, each a list of token ids.
    """
    groups = max(map(len, questions))
    longest = max(len(ids) for group in questions for ids in group)
    ids = torch.full((len(questions), groups, longest), pad_id)
    padding = torch.ones(ids.shape, dtype=torch.bool)
    for photo, group in enumerate(questions):
        for index, question in enumerate(group):
            ids[photo, index, : len(question)] = torch.tensor(question)
            padding[photo, index, : len(question)] = False
    with torch.inference_mode():
        return model.keys_values(model.memory(features, ids.to(features.device), padding.to(features.device)))


def stream_tokens(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    *,
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    distorted: Sequence[MemoryKeysValues] | None = None,
    heads: HeadSettings = NO_SUPPRESSION,
    record: bool = True,
    should_stop: ShouldStop = never_stop,
) -> Generator[ChosenToken, None, FinishReason]:
    """The answer to one question about one photo, token by token; the generator's value is why it ended.

    memory: from prepare_memory, of one photo with one question; distorted: the same of the distorted photo, needed for a
    contrast with it (see core.decoding.image_contrast). should_stop is asked before each token; beam search
    asks it before each step, and gives its tokens once the search is done.
    """
    limit = text_token_limit(model.config, generation)
    if generation.method == "beam":
        search = new_beam_search(
            model, memory, distorted, photos=1, questions=1, alphabet=alphabet, generation=generation, heads=heads,
            record=record,
        )
        (answer,) = search_beams(search, limit=limit, should_stop=should_stop)
        yield from answer.tokens
        return answer.finish
    decoding = new_decoding(
        model, memory, distorted, asked=[[True]], alphabet=alphabet, generation=generation, heads=heads, record=record
    )
    for index in range(limit + 1):
        if should_stop():
            return "stopped"
        for _, token in decoding.step(last=index == limit):
            yield token
        if decoding.done:
            return "end"
    return "length"


def generate_batch(
    model: VisionLanguageModel,
    features: Tensor,
    questions: Sequence[Sequence[Sequence[int]]],
    *,
    alphabet: AnswerAlphabet,
    pad_id: int,
    generation: GenerationConfig,
    distorted_features: Tensor | None = None,
    heads: HeadSettings = NO_SUPPRESSION,
    record: bool = False,
    should_stop: ShouldStop = never_stop,
) -> list[list[GeneratedAnswer]]:
    """Answers to the questions about each photo, the same as each question alone gets.

    features: [B, I, encoder width]; questions: for each photo its questions as token ids (not all need the same
    number); a photo's keys and values are computed once for all of them; distorted_features: of the distorted photos,
    needed for a contrast with them. should_stop is asked before each step.
    """
    memory = prepare_memory(model, features, questions, pad_id=pad_id)
    distorted = None
    if distorted_features is not None and heads.contrast is not None:
        distorted = prepare_memory(model, distorted_features, questions, pad_id=pad_id)
    limit = text_token_limit(model.config, generation)
    most = max(map(len, questions))
    if generation.method == "beam":
        search = new_beam_search(
            model, memory, distorted, photos=len(questions), questions=most, alphabet=alphabet, generation=generation,
            heads=heads, record=record,
        )
        answers = search_beams(search, limit=limit, should_stop=should_stop)
    else:
        asked = [[index < len(group) for index in range(most)] for group in questions]
        decoding = new_decoding(
            model, memory, distorted, asked=asked, alphabet=alphabet, generation=generation, heads=heads, record=record
        )
        answers = collect_answers(decoding, count=len(questions) * most, limit=limit, should_stop=should_stop)
    return [answers[photo * most : photo * most + len(group)] for photo, group in enumerate(questions)]


def new_decoding(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    distorted: Sequence[MemoryKeysValues] | None = None,
    *,
    asked: Sequence[Sequence[bool]],
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    heads: HeadSettings,
    record: bool,
) -> TokenByToken:
    """Greedy decoding or sampling, ready for its first step. asked: see TokenByToken."""
    photos, questions = len(asked), len(asked[0])
    return TokenByToken(
        new_run(
            model, memory, distorted, photos=photos, groups=questions,
            capacity=text_token_limit(model.config, generation) + 1, heads=heads, record=record,
        ),
        asked=asked,
        alphabet=alphabet,
        logit_filter=new_filter(model, alphabet, generation),
        chooser=TokenChooser(generation, rows=photos * questions),
        device=model.token_embedding.weight.device,
    )


def new_beam_search(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    distorted: Sequence[MemoryKeysValues] | None = None,
    *,
    photos: int,
    questions: int,
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    heads: HeadSettings,
    record: bool,
) -> BeamSearch:
    """A beam search, ready for its first step."""
    width = generation.beam_width

    def repeated(layers: Sequence[MemoryKeysValues]) -> list[MemoryKeysValues]:
        return [repeat_questions(layer, beams=width) for layer in layers]

    return BeamSearch(
        new_run(
            model, repeated(memory), None if distorted is None else repeated(distorted), photos=photos,
            groups=questions * width, capacity=text_token_limit(model.config, generation) + 1, heads=heads, record=record,
        ),
        photos=photos,
        questions=questions,
        width=width,
        alphabet=alphabet,
        length_penalty=generation.length_penalty,
        logit_filter=new_filter(model, alphabet, generation),
        device=model.token_embedding.weight.device,
    )


def new_filter(model: VisionLanguageModel, alphabet: AnswerAlphabet, generation: GenerationConfig) -> LogitFilter:
    return LogitFilter(
        generation, alphabet=alphabet, vocabulary_size=model.config.vocabulary_size,
        device=model.token_embedding.weight.device,
    )


def collect_answers(
    decoding: TokenByToken, *, count: int, limit: int, should_stop: ShouldStop
) -> list[GeneratedAnswer]:
    """Whole answers of a decoding's `count` sequences."""
    tokens: list[list[ChosenToken]] = [[] for _ in range(count)]
    cut: FinishReason = "length"
    for index in range(limit + 1):
        if should_stop():
            cut = "stopped"
            break
        for sequence, token in decoding.step(last=index == limit):
            tokens[sequence].append(token)
        if decoding.done:
            break
    return [GeneratedAnswer(tuple(answer), "end" if decoding.has_ended(i) else cut) for i, answer in enumerate(tokens)]


def search_beams(search: BeamSearch, *, limit: int, should_stop: ShouldStop) -> list[GeneratedAnswer]:
    """The best hypothesis of each sequence; no tokens at all where the search was stopped."""
    for index in range(limit + 1):
        if should_stop():
            return [GeneratedAnswer((), "stopped") for _ in search.finished]
        if index == limit:
            search.close()
        else:
            search.step()
        if search.done:
            break
    best = [search.best(sequence) for sequence in range(len(search.finished))]
    return [GeneratedAnswer(hypothesis.chosen_tokens(), hypothesis.finish) for hypothesis in best]
