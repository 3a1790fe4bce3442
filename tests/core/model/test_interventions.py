"""What SPIN is measured against: random heads, attention amplified, contrast with a distorted photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.config import GenerationConfig, HeadSuppression, ModelConfig, SpinConfig
from core.decoding.generation import AnswerSettings, GeneratedAnswer, generate_batch, prepare_memory, stream_tokens
from core.decoding.image_contrast import contrast_logits, distort
from core.decoding.token_choice import AnswerAlphabet
from core.errors import ConfigError
from core.model.attention import MemoryKeysValues, amplified
from core.model.head_settings import HeadSettings, LayerHeads
from core.model.head_suppression import random_gates
from core.model.interventions import ImageAmplification, ImageContrast, Intervention, RandomHeads, validate_intervention
from core.model.vlm import VisionLanguageModel

QUESTIONS = [[[5, 6, 7]], [[9, 8, 30, 31, 12]], [[11, 13]]]
GREEDY = GenerationConfig()
HOW = pytest.mark.parametrize(
    "generation", [GREEDY, GenerationConfig("sampling", temperature=3.0, seed=1), GenerationConfig("beam", beam_width=3)],
    ids=["greedy", "sampling", "beam"],
)
RANDOM = RandomHeads(keep=2, alpha=0.1, seed=3)
AMPLIFIED = ImageAmplification(gamma=0.8, first_layer=1)
CONTRAST = ImageContrast(strength=1.5, plausibility=0.01)
ALL = pytest.mark.parametrize("intervention", [RANDOM, AMPLIFIED, CONTRAST], ids=["random", "amplified", "contrast"])
NEUTRAL = pytest.mark.parametrize(
    "intervention",
    [
        RandomHeads(keep=4), RandomHeads(keep=1, alpha=1.0), RandomHeads(keep=1, first_layer=2, last_layer=2),
        ImageAmplification(gamma=0.0), ImageAmplification(first_layer=1, last_layer=1), ImageContrast(strength=0.0),
    ],
)


class Asker:
    """Asks the tiny model about its three photos, each beside its distortion."""

    def __init__(self, model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> None:
        self.model, self.features, self.alphabet = model, features, alphabet
        generator = torch.Generator().manual_seed(11)
        self.distorted = features + torch.randn(features.shape, generator=generator)

    def ask(
        self, intervention: Intervention | None, generation: GenerationConfig = GREEDY, *, photos: slice = slice(0, 3),
        ablated: frozenset[tuple[int, int]] = frozenset(),
    ) -> list[GeneratedAnswer]:
        settings = AnswerSettings(self.alphabet, generation, HeadSettings(intervention, ablated, record=True))
        answers = generate_batch(
            self.model, self.features[photos], QUESTIONS[photos], settings, distorted_features=self.distorted[photos]
        )
        return [answer for (answer,) in answers]

    def memory(self, photo: int, *, distorted: bool = False) -> tuple[MemoryKeysValues, ...]:
        features = self.distorted if distorted else self.features
        return prepare_memory(self.model, features[photo : photo + 1], QUESTIONS[photo : photo + 1], pad_id=0)

    def decode(
        self, photo: int, answer: GeneratedAnswer, intervention: Intervention | None, *, distorted: bool = False
    ) -> tuple[Tensor, Tensor]:
        """Everything at once, without a cache: logits [T, V], and gates [T, L, H]."""
        inputs = torch.tensor([[[self.alphabet.start_id, *answer.token_ids[:-1]]]])
        heads = HeadSettings(intervention, record=True).in_layers(self.model.config.shape, device=self.model.device)
        with torch.inference_mode():
            output = self.model.decode(inputs, self.memory(photo, distorted=distorted), heads=heads)
            gates = torch.stack([layer.gate[0, 0] for layer in output.heads], dim=1)
            return self.model.logits(output.hidden)[0, 0], gates


@pytest.fixture
def asker(model: VisionLanguageModel, features: Tensor, alphabet: AnswerAlphabet) -> Asker:
    return Asker(model, features, alphabet)


def traces(answers: list[GeneratedAnswer]) -> list[tuple[int, float, bytes]]:
    """Everything about the answers, to the bit."""
    return [
        (token.token_id, token.log_probability, token.heads.packed.tobytes() if token.heads else b"")
        for answer in answers for token in answer.tokens
    ]


@NEUTRAL
@HOW
def test_without_effect_the_answer_is_the_baselines_to_the_bit(
    asker: Asker, intervention: Intervention, generation: GenerationConfig
) -> None:
    assert traces(asker.ask(intervention, generation)) == traces(asker.ask(None, generation))


@ALL
@HOW
def test_with_effect_answers_change_and_no_state_is_left_behind(
    asker: Asker, intervention: Intervention, generation: GenerationConfig
) -> None:
    before = traces(asker.ask(None, generation))
    changed = traces(asker.ask(intervention, generation))
    assert changed != before
    assert traces(asker.ask(intervention, generation)) == changed
    assert traces(asker.ask(None, generation)) == before


@ALL
@HOW
def test_a_batch_gives_each_photo_the_answer_that_it_gets_alone(
    asker: Asker, intervention: Intervention, generation: GenerationConfig
) -> None:
    together = asker.ask(intervention, generation)
    alone = [asker.ask(intervention, generation, photos=slice(photo, photo + 1))[0] for photo in range(3)]
    assert [answer.token_ids for answer in together] == [answer.token_ids for answer in alone]
    for batched, single in zip(together, alone, strict=True):
        for one, other in zip(batched.tokens, single.tokens, strict=True):
            assert one.heads is not None
            assert other.heads is not None
            np.testing.assert_array_equal(one.heads.gate, other.heads.gate)
            np.testing.assert_allclose(one.heads.packed, other.heads.packed, atol=1e-5)


@ALL
def test_photos_that_finish_early_leave_the_others_undisturbed(asker: Asker, intervention: Intervention) -> None:
    for end_id in range(5, 40):
        brief = Asker(asker.model, asker.features, replace(asker.alphabet, end_id=end_id))
        alone = [brief.ask(intervention, photos=slice(photo, photo + 1))[0].token_ids for photo in range(3)]
        if len({len(ids) for ids in alone}) == 3:
            break
    else:
        raise AssertionError("no end token gives answers of three lengths")
    assert [answer.token_ids for answer in brief.ask(intervention)] == alone


@pytest.mark.parametrize("intervention", [RANDOM, AMPLIFIED], ids=["random", "amplified"])
def test_with_a_cache_the_logits_and_records_are_those_without(asker: Asker, intervention: Intervention) -> None:
    for photo, answer in enumerate(asker.ask(intervention)):
        logits, gates = asker.decode(photo, answer, intervention)
        expected = logits.log_softmax(-1)[range(len(answer.tokens)), answer.token_ids]
        torch.testing.assert_close(torch.tensor([token.log_probability for token in answer.tokens]), expected)
        recorded = [token.heads.gate.tolist() for token in answer.tokens if token.heads]
        assert recorded == gates.tolist()


@HOW
def test_a_contrast_with_a_cache_has_the_probabilities_of_both_photos_decoded_without(
    asker: Asker, generation: GenerationConfig
) -> None:
    for photo, answer in enumerate(asker.ask(CONTRAST, generation)):
        logits, _ = asker.decode(photo, answer, None)
        distorted, _ = asker.decode(photo, answer, None, distorted=True)
        contrasted = contrast_logits(logits, distorted, CONTRAST)
        expected = contrasted.log_softmax(-1)[range(len(answer.tokens)), answer.token_ids]
        torch.testing.assert_close(
            torch.tensor([token.log_probability for token in answer.tokens]), expected, atol=1e-4, rtol=1e-4
        )


def test_a_stream_gives_the_same_contrasted_answer_as_a_batch(asker: Asker) -> None:
    stream = stream_tokens(
        asker.model, asker.memory(0), AnswerSettings(asker.alphabet, GREEDY, HeadSettings(CONTRAST)),
        distorted=asker.memory(0, distorted=True),
    )
    assert [token.token_id for token in stream] == asker.ask(CONTRAST)[0].token_ids


def test_a_beam_of_width_one_is_greedy_under_every_intervention(asker: Asker) -> None:
    narrow = GenerationConfig("beam", beam_width=1)
    for intervention in (RANDOM, AMPLIFIED, CONTRAST):
        greedy, beam = asker.ask(intervention), asker.ask(intervention, narrow)
        assert [answer.token_ids for answer in greedy] == [answer.token_ids for answer in beam]


def test_random_heads_are_as_many_as_kept_and_differ_by_layer_place_and_seed() -> None:
    config = ModelConfig(vocabulary_size=40, width=32, layers=3, heads=8).shape
    gates = random_gates(RandomHeads(keep=3, alpha=0.25, first_layer=1, seed=5), config)
    assert gates.shape == (3, config.max_answer_tokens, 8)
    assert (gates[0] == 1).all()
    assert ((gates[1:] == 1).sum(-1) == 3).all()
    assert ((gates[1:] == 0.25).sum(-1) == 5).all()
    assert (gates[1] != gates[2]).any(-1).float().mean() > 0.9
    assert (gates[1, 1:] != gates[1, :-1]).any(-1).float().mean() > 0.9
    assert torch.equal(gates, random_gates(RandomHeads(keep=3, alpha=0.25, first_layer=1, seed=5), config))
    assert not torch.equal(gates, random_gates(RandomHeads(keep=3, alpha=0.25, first_layer=1, seed=6), config))
    kept = (gates[1:] == 1).float().mean((0, 1))
    assert ((kept > 0.2) & (kept < 0.6)).all()  # 3 of 8, each head about as often


def test_random_heads_are_recorded_as_drawn_beside_those_switched_off_by_hand(asker: Asker) -> None:
    drawn = random_gates(RANDOM, asker.model.config.shape).clone()
    drawn[1, :, 2] = 0.0
    (answer, *_) = asker.ask(RANDOM, ablated=frozenset({(1, 2)}))
    for place, token in enumerate(answer.tokens):
        assert token.heads is not None
        assert torch.equal(torch.from_numpy(token.heads.gate), drawn[:, place])


def test_amplified_attention_is_recorded_as_it_was_applied(asker: Asker) -> None:
    baseline, changed = asker.ask(None)[0], asker.ask(replace(AMPLIFIED, gamma=3.0))[0]
    first, amplified_first = baseline.tokens[0].heads, changed.tokens[0].heads
    assert first is not None
    assert amplified_first is not None
    np.testing.assert_array_equal(first.image_mass[0], amplified_first.image_mass[0])  # layer 0 is left alone
    # In the first layer that is amplified the query differs by nothing else yet.
    assert (amplified_first.image_mass[1] > first.image_mass[1]).all()
    np.testing.assert_allclose(amplified_first.image_attention.sum(-1), amplified_first.image_mass, atol=1e-5)
    assert (amplified_first.gate == 1).all()


@given(st.floats(-50, 50, width=32), st.floats(0, 4))
def test_amplification_raises_every_score_by_its_size(score: float, gamma: float) -> None:
    (found,) = amplified(torch.tensor([score]), gamma=gamma).tolist()
    assert found == pytest.approx(score + gamma * abs(score), rel=1e-5, abs=1e-6)
    assert found >= score


def test_amplification_is_not_lost_on_the_fused_path(asker: Asker) -> None:
    inputs = torch.tensor([[[asker.alphabet.start_id]]])
    with torch.inference_mode():
        explicit, fused = (
            asker.model.decode(inputs, asker.memory(0), heads=LayerHeads(gamma=0.8, fused=fused)).hidden
            for fused in (False, True)
        )
        assert not torch.equal(explicit, asker.model.decode(inputs, asker.memory(0)).hidden)
    torch.testing.assert_close(explicit, fused)


def test_contrast_favours_what_only_the_photo_shows_among_what_it_makes_plausible() -> None:
    logits = torch.tensor([[2.0, 1.9, -3.0]])
    distorted = torch.tensor([[2.5, 0.0, -9.0]])
    contrasted = contrast_logits(logits, distorted, ImageContrast(strength=1.0, plausibility=0.1))
    assert contrasted[0, :2].tolist() == pytest.approx([1.5, 3.8])
    assert contrasted.softmax(-1)[0, 2] == 0  # 6 in the contrast, but implausible given the photo
    free = contrast_logits(logits, distorted, ImageContrast(strength=2.0, plausibility=0.0))
    assert free[0].tolist() == pytest.approx([1.0, 5.7, 9.0])


def test_where_filters_forbid_all_that_is_plausible_the_best_of_the_rest_is_said(asker: Asker) -> None:
    strict = ImageContrast(plausibility=1.0)
    never_twice = replace(GREEDY, no_repeat_ngram=1)
    for answer in asker.ask(strict, never_twice):
        assert len(set(answer.token_ids)) == len(answer.token_ids)
        assert not set(answer.token_ids) & set(asker.alphabet.forbidden_ids)


def test_a_contrast_without_the_distorted_photo_is_refused_in_one_sentence(asker: Asker) -> None:
    with pytest.raises(ConfigError, match="needs what the encoder sees of the distortion"):
        generate_batch(
            asker.model, asker.features, QUESTIONS, AnswerSettings(asker.alphabet, GREEDY, HeadSettings(CONTRAST))
        )


def test_noise_keeps_the_variance_and_is_the_same_for_every_photo() -> None:
    generator = torch.Generator().manual_seed(2)
    photos = torch.randn(2, 3, 64, 64, generator=generator)
    shares: list[float] = []
    for step in (0, 300, 500, 999):
        contrast = ImageContrast(noise_step=step)
        noised = distort(photos, contrast)
        assert torch.equal(noised[1:], distort(photos[1:], contrast))
        assert float(noised.std()) == pytest.approx(1.0, abs=0.05)
        shares.append(float((noised * photos).mean()))
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == pytest.approx(1.0, abs=0.03)
    assert shares[-1] == pytest.approx(0.287, abs=0.03)  # the schedule never takes the photo away altogether
    assert not torch.equal(distort(photos, ImageContrast(seed=1)), distort(photos, ImageContrast(seed=2)))


@pytest.mark.parametrize(
    "values",
    [{"gamma": -0.1}, {"gamma": float("inf")}, {"first_layer": -1}, {"first_layer": 2, "last_layer": 1}],
)
def test_amplification_that_makes_no_sense_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        ImageAmplification.from_dict(values)


@pytest.mark.parametrize(
    "values",
    [{"strength": -1.0}, {"strength": float("nan")}, {"plausibility": 1.1}, {"noise_step": 1000}, {"noise_step": -1}],
)
def test_a_contrast_that_makes_no_sense_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        ImageContrast.from_dict(values)


def test_interventions_survive_the_way_through_json() -> None:
    for intervention in (RANDOM, AMPLIFIED, CONTRAST, SpinConfig(keep=0.5, score="logits")):
        assert type(intervention).from_dict(intervention.to_dict()) == intervention


def test_an_intervention_that_does_not_fit_the_model_is_refused_in_one_sentence() -> None:
    model = ModelConfig(vocabulary_size=40, width=32, layers=3, heads=4).shape
    with pytest.raises(ConfigError, match="at most the model's 4 heads, got 5"):
        validate_intervention(model, RandomHeads(keep=5))
    with pytest.raises(ConfigError, match="amplified attention starts at layer 3, but the model's layers are 0 to 2"):
        validate_intervention(model, ImageAmplification(first_layer=3))
    for fits in (None, RANDOM, AMPLIFIED, CONTRAST, RandomHeads(keep=0.95, last_layer=32)):
        validate_intervention(model, fits)
    assert isinstance(RANDOM, HeadSuppression)
