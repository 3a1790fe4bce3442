"""Answers on the level of token ids: greedy and sampled, streamed and in batches."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.config import GenerationConfig, SpinConfig
from core.decoding.decoding_run import ChosenToken
from core.decoding.generation import AnswerSettings, GeneratedAnswer, generate_batch, prepare_memory, stream_tokens
from core.decoding.token_choice import AnswerAlphabet
from core.model.head_settings import HeadSettings, LayerHeads
from core.model.vlm import VisionLanguageModel

QUESTIONS = [[5, 6, 7], [9, 8, 30, 31, 12], [11, 13]]
GREEDY = GenerationConfig()
SAMPLING = GenerationConfig("sampling", temperature=3.0, seed=1)
RECORDED = HeadSettings(record=True)
EITHER = pytest.mark.parametrize("spin", [None, SpinConfig(keep=2, alpha=0.1), SpinConfig(keep=0.25, score="logits")])


class Asker:
    """Asks the tiny model one question or many."""

    def __init__(self, model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> None:
        self.model, self.features, self.alphabet = model, features, alphabet

    def one(
        self, photo: int, *, generation: GenerationConfig = GREEDY, heads: HeadSettings = RECORDED,
        question: Sequence[int] | None = None, stop_after: int | None = None,
    ) -> GeneratedAnswer:
        asked = QUESTIONS[photo] if question is None else question
        memory = prepare_memory(self.model, self.features[photo : photo + 1], [[asked]], pad_id=0)
        tokens: list[ChosenToken] = []
        stream = stream_tokens(
            self.model, memory, AnswerSettings(self.alphabet, generation, replace(heads, record=True)),
            should_stop=lambda: stop_after is not None and len(tokens) >= stop_after,
        )
        while True:
            try:
                tokens.append(next(stream))
            except StopIteration as end:
                return GeneratedAnswer(tuple(tokens), end.value)

    def many(
        self, questions: Sequence[Sequence[Sequence[int]]], *, generation: GenerationConfig = GREEDY,
        heads: HeadSettings = RECORDED, record: bool = False,
    ) -> list[list[GeneratedAnswer]]:
        settings = AnswerSettings(self.alphabet, generation, replace(heads, record=record))
        return generate_batch(self.model, self.features[: len(questions)], questions, settings)

    def uncached_logits(self, photo: int, token_ids: Sequence[int], *, spin: SpinConfig | None) -> Tensor:
        """Logits for the token after each of <start>, token_ids: [T + 1, V], all in one pass without a cache."""
        memory = prepare_memory(self.model, self.features[photo : photo + 1], [[QUESTIONS[photo]]], pad_id=0)
        with torch.inference_mode():
            ids = torch.tensor([[[self.alphabet.start_id, *token_ids]]])
            hidden = self.model.decode(ids, memory, heads=LayerHeads(spin)).hidden
            return self.model.logits(hidden)[0, 0]


@pytest.fixture
def asker(model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> Asker:
    return Asker(model, features, alphabet)


def ids(answers: Sequence[Sequence[GeneratedAnswer]]) -> list[list[list[int]]]:
    return [[answer.token_ids for answer in group] for group in answers]


@EITHER
@pytest.mark.parametrize("photo", [0, 1, 2])
def test_greedy_takes_the_most_probable_allowed_token_of_uncached_decoding(
    asker: Asker, photo: int, spin: SpinConfig | None
) -> None:
    answer = asker.one(photo, heads=HeadSettings(spin))
    logits = asker.uncached_logits(photo, answer.token_ids[:-1], spin=spin)
    allowed = logits.clone()
    allowed[:, list(asker.alphabet.forbidden_ids)] = -torch.inf
    assert answer.token_ids == allowed.argmax(-1).tolist()
    expected = logits.log_softmax(-1)[range(len(answer.tokens)), answer.token_ids]
    torch.testing.assert_close(torch.tensor([token.log_probability for token in answer.tokens]), expected)


@EITHER
@pytest.mark.parametrize("generation", [GREEDY, SAMPLING, replace(GREEDY, no_repeat_ngram=1, repetition_penalty=1.3)])
def test_a_batch_gives_each_photo_the_answer_that_it_gets_alone(
    asker: Asker, spin: SpinConfig | None, generation: GenerationConfig
) -> None:
    heads = HeadSettings(spin)
    together = asker.many([[question] for question in QUESTIONS], generation=generation, heads=heads)
    alone = [[asker.one(photo, generation=generation, heads=heads)] for photo in range(3)]
    assert ids(together) == ids(alone)
    assert [[a.finish for a in group] for group in together] == [[a.finish for a in group] for group in alone]


@EITHER
def test_photos_may_have_different_numbers_of_questions(asker: Asker, spin: SpinConfig | None) -> None:
    heads = HeadSettings(spin)
    questions = [QUESTIONS[:1], QUESTIONS, []]
    together = asker.many(questions, heads=heads)
    alone = [[asker.one(p, question=q, heads=heads) for q in group] for p, group in enumerate(questions)]
    assert [len(group) for group in together] == [1, 3, 0]
    assert ids(together) == ids(alone)


@pytest.mark.parametrize("generation", [GREEDY, GenerationConfig("sampling", seed=5)])
def test_photos_that_finish_early_leave_the_others_undisturbed(asker: Asker, generation: GenerationConfig) -> None:
    # An end token that the tiny model likes at different places: its three answers have three lengths.
    for end_id in range(5, 40):
        alphabet = replace(asker.alphabet, end_id=end_id)
        alone = [Asker(asker.model, asker.features, alphabet).one(photo, generation=generation) for photo in range(3)]
        if len({len(answer.tokens) for answer in alone}) == 3:
            break
    else:
        raise AssertionError("no end token gives answers of three lengths")
    for order in itertools.permutations(range(3)):
        together = generate_batch(
            asker.model, asker.features[list(order)], [[QUESTIONS[photo]] for photo in order],
            AnswerSettings(alphabet, generation),
        )
        assert ids(together) == [[alone[photo].token_ids] for photo in order]


def test_an_answer_ends_with_its_end_token_or_at_the_limit(asker: Asker) -> None:
    answers = [
        asker.one(0, generation=replace(SAMPLING, temperature=9.0, seed=seed, max_tokens=6)) for seed in range(30)
    ]
    end = asker.alphabet.end_id
    assert {answer.finish for answer in answers} == {"end", "length"}
    for answer in answers:
        assert end not in answer.token_ids[:-1]
        assert (answer.finish == "end") == (answer.token_ids[-1] == end)
        assert len(answer.tokens) == 6 if answer.finish == "length" else len(answer.tokens) <= 7


def test_an_answer_of_exactly_the_limit_is_known_to_have_ended(asker: Asker) -> None:
    generation = replace(SAMPLING, temperature=9.0)
    seed = next(s for s in range(99) if asker.one(0, generation=replace(generation, seed=s)).finish == "end")
    full = asker.one(0, generation=replace(generation, seed=seed))
    text_tokens = len(full.tokens) - 1
    exact = asker.one(0, generation=replace(generation, seed=seed, max_tokens=text_tokens))
    assert exact.token_ids == full.token_ids
    assert exact.finish == "end"
    short = asker.one(0, generation=replace(generation, seed=seed, max_tokens=text_tokens - 1))
    assert short.token_ids == full.token_ids[: text_tokens - 1]
    assert short.finish == "length"


def test_more_tokens_than_the_model_has_places_are_cut_at_its_limit(asker: Asker) -> None:
    answer = asker.one(0, generation=GenerationConfig(max_tokens=1000))
    assert len(answer.tokens) == asker.model.config.max_answer_tokens - 1
    assert answer.finish == "length"


@pytest.mark.parametrize("tokens", [0, 1, 3])
def test_stopping_takes_effect_before_the_next_token(asker: Asker, tokens: int) -> None:
    answer = asker.one(0, stop_after=tokens)
    assert answer.finish == "stopped"
    assert answer.token_ids == asker.one(0).token_ids[:tokens]


def test_a_stopped_batch_says_which_answers_were_cut(asker: Asker) -> None:
    asked = 0

    def third_time() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    ((answer,),) = generate_batch(
        asker.model, asker.features[:1], [QUESTIONS[:1]], AnswerSettings(asker.alphabet, GREEDY), should_stop=third_time
    )
    assert answer.finish == "stopped"
    assert answer.token_ids == asker.one(0).token_ids[:2]


def test_special_tokens_are_never_part_of_an_answer(asker: Asker) -> None:
    for seed in range(20):
        answer = asker.one(1, generation=replace(SAMPLING, temperature=50.0, seed=seed))
        assert not set(answer.token_ids) & set(asker.alphabet.forbidden_ids)


def test_a_seed_gives_the_same_answer_and_another_seed_another(asker: Asker) -> None:
    assert asker.one(0, generation=SAMPLING).token_ids == asker.one(0, generation=SAMPLING).token_ids
    others = {tuple(asker.one(0, generation=replace(SAMPLING, seed=seed)).token_ids) for seed in range(5)}
    assert len(others) > 1


def test_sampling_among_the_single_best_token_is_greedy(asker: Asker) -> None:
    greedy = asker.one(0).token_ids
    assert asker.one(0, generation=replace(SAMPLING, top_k=1)).token_ids == greedy
    assert asker.one(0, generation=replace(SAMPLING, top_p=1e-6)).token_ids == greedy


def test_the_probability_is_the_models_own_before_temperature_and_penalties(asker: Asker) -> None:
    generation = replace(SAMPLING, temperature=0.3, top_k=5, repetition_penalty=1.7, no_repeat_ngram=2)
    answer = asker.one(0, generation=generation)
    logits = asker.uncached_logits(0, answer.token_ids[:-1], spin=None)
    expected = logits.log_softmax(-1)[range(len(answer.tokens)), answer.token_ids]
    torch.testing.assert_close(torch.tensor([token.log_probability for token in answer.tokens]), expected)


def test_penalties_keep_an_answer_from_repeating_itself(asker: Asker) -> None:
    plain = asker.one(1).token_ids
    assert len(set(plain)) < len(plain)
    never_twice = asker.one(1, generation=GenerationConfig(no_repeat_ngram=1)).token_ids
    assert len(set(never_twice)) == len(never_twice)
    penalised = asker.one(1, generation=GenerationConfig(repetition_penalty=5.0)).token_ids
    assert len(set(penalised)) > len(set(plain))


@EITHER
def test_the_record_of_a_token_is_that_of_the_query_that_predicted_it(asker: Asker, spin: SpinConfig | None) -> None:
    answer = asker.one(0, heads=HeadSettings(spin))
    memory = prepare_memory(asker.model, asker.features[:1], [[QUESTIONS[0]]], pad_id=0)
    decoded = torch.tensor([[[asker.alphabet.start_id, *answer.token_ids[:-1]]]])
    with torch.inference_mode():
        whole = asker.model.decode(decoded, memory, heads=LayerHeads(spin, record=True)).heads
    for index, token in enumerate(answer.tokens):
        assert token.heads is not None
        assert token.heads.gate.tolist() == [layer.gate[0, 0, index].tolist() for layer in whole]
        for found, expected in (
            (token.heads.image_mass, [layer.image_mass[0, 0, index] for layer in whole]),
            (token.heads.image_attention, [layer.image_attention[0, :, 0, index] for layer in whole]),
        ):
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, torch.stack(expected).numpy(), atol=1e-5)


def test_a_batchs_records_are_each_photos_own(asker: Asker) -> None:
    heads = HeadSettings(SpinConfig(keep=2))
    together = asker.many([[question] for question in QUESTIONS], heads=heads, record=True)
    for photo in range(3):
        for in_batch, alone in zip(together[photo][0].tokens, asker.one(photo, heads=heads).tokens, strict=True):
            assert in_batch.heads is not None
            assert alone.heads is not None
            np.testing.assert_array_equal(in_batch.heads.gate, alone.heads.gate)
            np.testing.assert_allclose(in_batch.heads.image_attention, alone.heads.image_attention, atol=1e-5)
    gates = [answer.tokens[0].heads.gate.tolist() for (answer,) in together if answer.tokens[0].heads]
    assert gates[0] != gates[1]


def test_recording_changes_no_answer(asker: Asker) -> None:
    heads = HeadSettings(SpinConfig(keep=2))
    questions = [[question] for question in QUESTIONS]
    assert ids(asker.many(questions, heads=heads)) == ids(asker.many(questions, heads=heads, record=True))


def test_a_head_switched_off_by_hand_is_recorded_as_zero_and_changes_the_answer(asker: Asker) -> None:
    ablated = {(1, 2), (0, 3), (2, 0)}
    answer = asker.one(0, heads=HeadSettings(ablated=ablated))
    assert answer.token_ids != asker.one(0).token_ids
    for token in answer.tokens:
        assert token.heads is not None
        assert {(int(layer), int(head)) for layer, head in np.argwhere(token.heads.gate == 0)} == ablated


def test_suppression_leaves_no_state_between_two_questions(asker: Asker) -> None:
    before = asker.one(0)
    suppressed = asker.one(0, heads=HeadSettings(SpinConfig(keep=1)))
    after = asker.one(0)
    assert suppressed.token_ids != before.token_ids
    assert [t.log_probability for t in before.tokens] == [t.log_probability for t in after.tokens]


def test_a_consumer_of_the_stream_keeps_its_own_gradient_mode(asker: Asker) -> None:
    memory = prepare_memory(asker.model, asker.features[:1], [[QUESTIONS[0]]], pad_id=0)
    stream = stream_tokens(asker.model, memory, AnswerSettings(asker.alphabet, GREEDY))
    next(stream)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
