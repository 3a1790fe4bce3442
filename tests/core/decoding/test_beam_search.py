"""Beam search against greedy decoding and against trying everything."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.config import GenerationConfig, SpinConfig
from core.decoding.generation import (
    AnswerSettings,
    GeneratedAnswer,
    generate_batch,
    new_beam_search,
    prepare_memory,
    run_shape,
)
from core.decoding.token_choice import AnswerAlphabet
from core.model.head_settings import HeadSettings, LayerHeads
from core.model.vlm import VisionLanguageModel

QUESTIONS = [[[5, 6, 7]], [[9, 8, 30, 31, 12]], [[11, 13]]]
BEAM = GenerationConfig("beam", beam_width=3)
SPIN = SpinConfig(keep=2, alpha=0.1)
EITHER = pytest.mark.parametrize("spin", [None, SPIN])


class Asker:
    """Asks the tiny model about its three photos."""

    def __init__(self, model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> None:
        self.model, self.features, self.alphabet = model, features, alphabet

    def ask(
        self, generation: GenerationConfig, *, spin: SpinConfig | None = None, photos: slice = slice(0, 3),
        questions: list[list[list[int]]] = QUESTIONS, stop: bool = False,
    ) -> list[list[GeneratedAnswer]]:
        settings = AnswerSettings(self.alphabet, generation, HeadSettings(spin, record=True))
        return generate_batch(
            self.model, self.features[photos], questions[photos], settings, should_stop=lambda: stop
        )

    def token_ids(self, generation: GenerationConfig, *, spin: SpinConfig | None = None) -> list[list[int]]:
        return [answer.token_ids for (answer,) in self.ask(generation, spin=spin)]


@pytest.fixture
def asker(model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> Asker:
    return Asker(model, features, alphabet)


@pytest.fixture
def brief_asker(model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> Asker:
    """Its end token is one that the tiny model likes, so that its answers end at three lengths."""
    for end_id in range(5, 40):
        asker = Asker(model, features, replace(alphabet, end_id=end_id))
        if len({len(answer.tokens) for (answer,) in asker.ask(GenerationConfig())}) == 3:
            return asker
    raise AssertionError("no end token gives answers of three lengths")


@EITHER
@pytest.mark.parametrize("penalties", [{}, {"repetition_penalty": 1.4}, {"no_repeat_ngram": 1}])
@pytest.mark.parametrize("length_penalty", [0.0, 1.0, -2.0])
def test_a_beam_of_width_one_is_greedy(
    asker: Asker, spin: SpinConfig | None, penalties: dict[str, float], length_penalty: float
) -> None:
    generation = GenerationConfig(**penalties)  # pyright: ignore[reportArgumentType]
    narrow = replace(generation, method="beam", beam_width=1, length_penalty=length_penalty)
    greedy, beam = asker.ask(generation, spin=spin), asker.ask(narrow, spin=spin)
    assert [a.token_ids for (a,) in beam] == [a.token_ids for (a,) in greedy]
    assert [a.finish for (a,) in beam] == [a.finish for (a,) in greedy]


@EITHER
def test_a_wider_beam_gives_each_photo_of_a_batch_the_answer_that_it_gets_alone(
    asker: Asker, spin: SpinConfig | None
) -> None:
    together = asker.ask(BEAM, spin=spin)
    alone = [asker.ask(BEAM, spin=spin, photos=slice(photo, photo + 1))[0] for photo in range(3)]
    assert [a.token_ids for (a,) in together] == [a.token_ids for (a,) in alone]
    assert asker.token_ids(BEAM, spin=spin) != asker.token_ids(GenerationConfig(), spin=spin)


def test_several_questions_about_a_photo_get_the_answers_that_each_gets_alone(asker: Asker) -> None:
    asked = [question for (question,) in QUESTIONS]
    (together,) = asker.ask(BEAM, photos=slice(0, 1), questions=[asked])
    for answer, question in zip(together, asked, strict=True):
        ((alone,),) = asker.ask(BEAM, photos=slice(0, 1), questions=[[question]])
        assert answer.token_ids == alone.token_ids


@EITHER
@pytest.mark.parametrize("length_penalty", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("photo", [0, 1, 2])
def test_a_beam_as_wide_as_the_vocabulary_finds_the_best_of_all_short_answers(
    asker: Asker, photo: int, length_penalty: float, spin: SpinConfig | None
) -> None:
    vocabulary, end, limit = 40, asker.alphabet.end_id, 2
    generation = replace(BEAM, beam_width=64, max_tokens=limit, length_penalty=length_penalty)
    ((found,),) = asker.ask(generation, spin=spin, photos=slice(photo, photo + 1))
    allowed = [token for token in range(vocabulary) if token not in (*asker.alphabet.forbidden_ids, end)]
    memory = prepare_memory(asker.model, asker.features[photo : photo + 1], QUESTIONS[photo : photo + 1], pad_id=0)
    pairs = torch.tensor(list(itertools.product(allowed, allowed)))
    inputs = torch.cat([torch.full((len(pairs), 1), asker.alphabet.start_id), pairs], dim=1)[None]  # [1, G, 3]
    with torch.inference_mode():
        logits = asker.model.logits(asker.model.decode(inputs, memory, heads=LayerHeads(spin)).hidden)[0]  # [G, 3, V]
    logits = logits.clone()
    logits[..., list(asker.alphabet.forbidden_ids)] = -torch.inf
    scores = logits.log_softmax(-1)
    best: dict[tuple[int, ...], float] = {(end,): float(scores[0, 0, end])}
    for row, (first, second) in enumerate(pairs.tolist()):
        one = float(scores[row, 0, first])
        two = one + float(scores[row, 1, second])
        best[first, end] = (one + float(scores[row, 1, end])) / 2**length_penalty
        if int(scores[row, 2].argmax()) == end:
            best[first, second, end] = (two + float(scores[row, 2, end])) / 3**length_penalty
        else:
            best[first, second] = two / 2**length_penalty
    answer = max(best, key=best.__getitem__)
    assert tuple(found.token_ids) == answer


def test_a_length_penalty_favours_longer_answers(asker: Asker) -> None:
    def total_length(length_penalty: float) -> int:
        wide = replace(BEAM, beam_width=16, length_penalty=length_penalty)
        return sum(len(answer.tokens) for (answer,) in asker.ask(wide))

    assert total_length(-1.0) < total_length(3.0)


def test_a_beam_of_width_one_ends_where_greedy_does(brief_asker: Asker) -> None:
    greedy, beam = brief_asker.ask(GenerationConfig()), brief_asker.ask(replace(BEAM, beam_width=1))
    assert [a.token_ids for (a,) in beam] == [a.token_ids for (a,) in greedy]
    assert [a.finish for (a,) in beam] == [a.finish for (a,) in greedy]
    assert len({len(a.tokens) for (a,) in greedy}) == 3


@EITHER
def test_records_and_probabilities_are_those_of_the_chosen_hypothesis(asker: Asker, spin: SpinConfig | None) -> None:
    for photo, (answer,) in enumerate(asker.ask(BEAM, spin=spin)):
        memory = prepare_memory(asker.model, asker.features[photo : photo + 1], QUESTIONS[photo : photo + 1], pad_id=0)
        inputs = torch.tensor([[[asker.alphabet.start_id, *answer.token_ids[:-1]]]])
        with torch.inference_mode():
            whole = asker.model.decode(inputs, memory, heads=LayerHeads(spin, record=True))
            scores = asker.model.logits(whole.hidden)[0, 0].log_softmax(-1)
        for index, token in enumerate(answer.tokens):
            assert token.heads is not None
            assert token.log_probability == pytest.approx(float(scores[index, token.token_id]), abs=1e-4)
            assert token.heads.gate.tolist() == [layer.gate[0, 0, index].tolist() for layer in whole.heads]
            attention = torch.stack([layer.image_attention[0, :, 0, index] for layer in whole.heads])
            np.testing.assert_allclose(token.heads.image_attention, attention.numpy(), atol=1e-5)


@pytest.mark.parametrize("length_penalty", [-3.0, 0.0])
def test_photos_that_finish_early_leave_the_others_undisturbed(brief_asker: Asker, length_penalty: float) -> None:
    asker, generation = brief_asker, replace(BEAM, length_penalty=length_penalty)
    for order in itertools.permutations(range(3)):
        together = generate_batch(
            asker.model, asker.features[list(order)], [QUESTIONS[photo] for photo in order],
            AnswerSettings(asker.alphabet, generation),
        )
        alone = [asker.ask(generation, photos=slice(photo, photo + 1))[0] for photo in order]
        assert [a.token_ids for (a,) in together] == [a.token_ids for (a,) in alone]


def test_a_beam_narrows_by_each_hypothesis_that_ends(brief_asker: Asker) -> None:
    asker = brief_asker
    memory = prepare_memory(asker.model, asker.features, QUESTIONS, pad_id=0)
    settings = AnswerSettings(asker.alphabet, replace(BEAM, beam_width=8))
    shape = run_shape(asker.model, settings, photos=3, questions=1)
    search = new_beam_search(asker.model, memory, None, shape, settings)
    early: set[int] = set()
    for _ in range(15):
        search.step()
        early.update(map(len, search.finished))
    search.close()
    assert any(0 < count < 8 for count in early)
    assert [len(finished) for finished in search.finished] == [8, 8, 8]


def test_no_repeated_ngram_in_a_wide_beam(asker: Asker) -> None:
    for answer in asker.token_ids(replace(BEAM, no_repeat_ngram=2)):
        bigrams = list(itertools.pairwise(answer))
        assert len(set(bigrams)) == len(bigrams)


def test_special_tokens_are_never_part_of_an_answer(asker: Asker) -> None:
    for answer in asker.token_ids(replace(BEAM, beam_width=64)):
        assert not set(answer) & set(asker.alphabet.forbidden_ids)


def test_a_stopped_search_gives_no_tokens(asker: Asker) -> None:
    assert asker.ask(BEAM, stop=True) == [[GeneratedAnswer((), "stopped")]] * 3
