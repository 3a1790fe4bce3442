"""Answers from photos' features and questions' token ids: greedy, sampling and beam search.

Knows no files and no text; `core.answer_stream` adds the text, `core.session` the photos.

Shapes: B photos, G questions per photo, R = B*G sequences, I image tokens, Q question tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.answers import FinishReason
from core.attention import MemoryKeysValues
from core.beam_search import BeamSearch, Hypothesis
from core.config import GenerationConfig, ModelConfig
from core.decoding_run import DecodingRun, HeadSettings, HeadTrace, repeat_questions
from core.token_choice import AnswerAlphabet, LogitFilter, TokenChooser
from core.vlm import VisionLanguageModel

ShouldStop = Callable[[], bool]
NO_SUPPRESSION = HeadSettings()


def never_stop() -> bool:
    return False


@dataclass(frozen=True)
class ChosenToken:
    """One token of an answer, the end token included."""

    token_id: int
    log_probability: float
    """Under the model, before filters, penalties and temperature."""
    heads: HeadTrace | None
    """What the heads did for the query that predicted this token; None where nobody asked."""


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
    padded = [
        [[*ids, *[pad_id] * (longest - len(ids))] for ids in [*group, *[[]] * (groups - len(group))]]
        for group in questions
    ]
    lengths = [[len(ids) for ids in [*group, *[[]] * (groups - len(group))]] for group in questions]
    device = features.device
    padding = torch.arange(longest, device=device) >= torch.tensor(lengths, device=device)[..., None]  # [B, G, Q]
    with torch.inference_mode():
        return model.keys_values(model.memory(features, torch.tensor(padded, device=device), padding))


def stream_tokens(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    *,
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    heads: HeadSettings = NO_SUPPRESSION,
    record: bool = True,
    should_stop: ShouldStop = never_stop,
) -> Generator[ChosenToken, None, FinishReason]:
    """The answer to one question about one photo, token by token; the generator's value is why it ended.

    memory: from prepare_memory, of one photo with one question. should_stop is asked before each token; beam search
    asks it before each step, and gives its tokens once the search is done.
    """
    if generation.method == "beam":
        (answer,) = beam_answers(
            model, memory, photos=1, questions=1, alphabet=alphabet, generation=generation, heads=heads, record=record,
            should_stop=should_stop,
        )
        yield from answer.tokens
        return answer.finish
    steps = decode_steps(
        model, memory, sequences=[[True]], alphabet=alphabet, generation=generation, heads=heads, record=record,
        should_stop=should_stop,
    )
    last_id = -1
    while True:
        try:
            ((_, token),) = next(steps)
        except StopIteration as end:
            return "end" if last_id == alphabet.end_id else end.value
        last_id = token.token_id
        yield token


def generate_batch(
    model: VisionLanguageModel,
    features: Tensor,
    questions: Sequence[Sequence[Sequence[int]]],
    *,
    alphabet: AnswerAlphabet,
    pad_id: int,
    generation: GenerationConfig,
    heads: HeadSettings = NO_SUPPRESSION,
    record: bool = False,
    should_stop: ShouldStop = never_stop,
) -> list[list[GeneratedAnswer]]:
    """Answers to the questions about each photo, the same as each question alone gets.

    features: [B, I, encoder width]; questions: for each photo its questions as token ids (not all need the same
    number); a photo's keys and values are computed once for all of them.
    """
    memory = prepare_memory(model, features, questions, pad_id=pad_id)
    groups = max(map(len, questions))
    if generation.method == "beam":
        answers = beam_answers(
            model, memory, photos=len(questions), questions=groups, alphabet=alphabet, generation=generation,
            heads=heads, record=record, should_stop=should_stop,
        )
    else:
        exists = [[index < len(group) for index in range(groups)] for group in questions]
        steps = decode_steps(
            model, memory, sequences=exists, alphabet=alphabet, generation=generation, heads=heads, record=record,
            should_stop=should_stop,
        )
        answers = collect_rows(steps, rows=len(questions) * groups, end_id=alphabet.end_id)
    return [answers[photo * groups : photo * groups + len(group)] for photo, group in enumerate(questions)]


StepTokens = list[tuple[int, ChosenToken]]
"""The sequences that are still under way, by index, and the token each got."""


def collect_rows(
    steps: Generator[StepTokens, None, FinishReason], *, rows: int, end_id: int
) -> list[GeneratedAnswer]:
    """Whole answers from decode_steps."""
    tokens: list[list[ChosenToken]] = [[] for _ in range(rows)]
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            cut: FinishReason = end.value
            break
        for row, token in step:
            tokens[row].append(token)
    return [
        GeneratedAnswer(tuple(row), "end" if row and row[-1].token_id == end_id else cut) for row in tokens
    ]


def decode_steps(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    *,
    sequences: Sequence[Sequence[bool]],
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    heads: HeadSettings,
    record: bool,
    should_stop: ShouldStop,
) -> Generator[StepTokens, None, FinishReason]:
    """Greedy choice or sampling for all sequences side by side, each until its own end token.

    sequences: [B][G], False where a photo has fewer questions than others. The generator's value is why the sequences
    without an end token ended.
    """
    groups = len(sequences[0])
    rows = list(range(len(sequences) * groups))  # the sequence that each row of the run decodes
    open_rows = {row for row in rows if sequences[row // groups][row % groups]}
    limit = text_token_limit(model.config, generation)
    device = memory[0].image_keys.device
    run = DecodingRun(
        model, memory, photos=len(sequences), groups=groups, capacity=limit + 1, heads=heads, record=record
    )
    logit_filter = LogitFilter(
        generation, alphabet=alphabet, vocabulary_size=model.config.vocabulary_size, device=device
    )
    chooser = TokenChooser(generation, rows=len(rows))
    histories: list[list[int]] = [[] for _ in rows]
    tokens = torch.full((len(rows),), alphabet.start_id, device=device)
    for index in range(limit + 1):
        if should_stop():
            return "stopped"
        # Entered anew for each step: a generator that pauses inside would switch gradients off for its consumer.
        with torch.inference_mode():
            output = run.step(tokens)
            tokens = chooser(logit_filter(output.logits, [histories[row] for row in rows]), rows)
            scores = output.logits.log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
        step: StepTokens = []
        for position, (row, token_id, score) in enumerate(zip(rows, tokens.tolist(), scores.tolist(), strict=True)):
            histories[row].append(token_id)
            # The step after the last text token only finds out whether the answer ends there.
            if row in open_rows and (index < limit or token_id == alphabet.end_id):
                trace = None if output.heads is None else output.heads.row(position)
                step.append((row, ChosenToken(token_id, score, trace)))
            if token_id == alphabet.end_id:
                open_rows.discard(row)
        if step:
            yield step
        if not open_rows:
            break
        with torch.inference_mode():
            rows, tokens = drop_finished_photos(run, rows, tokens, open_rows=open_rows, groups=groups)
    return "length"


def drop_finished_photos(
    run: DecodingRun, rows: list[int], tokens: Tensor, *, open_rows: set[int], groups: int
) -> tuple[list[int], Tensor]:
    """Leaves out the photos whose answers are all done, once they are half of those decoded."""
    photos = [rows[start : start + groups] for start in range(0, len(rows), groups)]
    going_on = [index for index, photo in enumerate(photos) if not open_rows.isdisjoint(photo)]
    # Copying the memory of those that go on costs about as much as a step, so it is not done for each photo alone.
    if len(going_on) * 2 > len(photos):
        return rows, tokens
    run.keep_photos(going_on)
    kept = tokens.view(-1, groups)[going_on].flatten()
    return [row for index in going_on for row in photos[index]], kept


def beam_answers(
    model: VisionLanguageModel,
    memory: Sequence[MemoryKeysValues],
    *,
    photos: int,
    questions: int,
    alphabet: AnswerAlphabet,
    generation: GenerationConfig,
    heads: HeadSettings,
    record: bool,
    should_stop: ShouldStop,
) -> list[GeneratedAnswer]:
    """The best hypothesis for each of the photos' questions; no tokens at all where the search was stopped."""
    limit = text_token_limit(model.config, generation)
    width = generation.beam_width
    run = DecodingRun(
        model, [repeat_questions(layer, beams=width) for layer in memory], photos=photos, groups=questions * width,
        capacity=limit + 1, heads=heads, record=record,
    )
    device = memory[0].image_keys.device
    search = BeamSearch(
        run, sequences=photos * questions, width=width, alphabet=alphabet, length_penalty=generation.length_penalty,
        logit_filter=LogitFilter(
            generation, alphabet=alphabet, vocabulary_size=model.config.vocabulary_size, device=device
        ),
        device=device,
    )
    for index in range(limit + 1):
        if should_stop():
            return [GeneratedAnswer((), "stopped")] * (photos * questions)
        search.step(last=index == limit)
        if search.done:
            break
    return [best_answer(hypotheses) for hypotheses in search.finished]


def best_answer(hypotheses: Sequence[Hypothesis]) -> GeneratedAnswer:
    """The hypothesis of highest score; of equal ones that which was finished first."""
    best = max(hypotheses, key=lambda hypothesis: hypothesis.score)
    tokens = [
        ChosenToken(token.token_id, token.log_probability, None if token.heads is None else token.heads.row(token.row))
        for token in best.tokens
    ]
    return GeneratedAnswer(tuple(tokens), best.finish)
