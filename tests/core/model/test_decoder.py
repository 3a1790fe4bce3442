"""The whole decoder: suppression is an argument of the forward pass and nothing else, with and without a cache."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

import core.model.attention
from core.config import SpinConfig
from core.decoding.generation import prepare_memory
from core.model.attention import MemoryKeysValues
from core.model.decoder import DecoderOutput
from core.model.head_settings import HeadSettings, LayerHeads
from core.model.vlm import VisionLanguageModel

SPIN = SpinConfig(keep=2, alpha=0.1)
QUESTIONS = [[[5, 6, 7]], [[9, 8, 30, 31, 12]], [[11, 13]]]
ANSWERS = torch.tensor([[3, 5, 5, 16, 36, 7], [3, 28, 13, 9, 13, 8], [3, 11, 12, 7, 25, 30]])[:, None]  # [B, G, T]
EITHER = pytest.mark.parametrize("spin", [None, SPIN, SpinConfig(keep=1, alpha=0.5, score="logits")])

Memory = Sequence[MemoryKeysValues]


def heads(model: VisionLanguageModel, spin: SpinConfig | None, *, record: bool = False) -> Sequence[LayerHeads]:
    return HeadSettings(spin, record=record).in_layers(model.config.shape, device=model.device)


@pytest.fixture
def memory(model: VisionLanguageModel, features: Tensor) -> Memory:
    """Three photos, one question each."""
    return prepare_memory(model, features, QUESTIONS, pad_id=0)


def logits(model: VisionLanguageModel, memory: Memory, *, spin: SpinConfig | None = None) -> Tensor:
    """[B, G, T, V], all tokens at once."""
    with torch.inference_mode():
        return model.logits(model.decode(ANSWERS, memory, heads=heads(model, spin)).hidden)


def recorded(model: VisionLanguageModel, memory: Memory, *, spin: SpinConfig | None = None) -> DecoderOutput:
    with torch.inference_mode():
        return model.decode(ANSWERS, memory, heads=heads(model, spin, record=True))


@pytest.mark.parametrize("score", ["mass", "logits"])
@pytest.mark.parametrize(("keep", "alpha"), [(4, 0.0), (1.0, 0.3), (1, 1.0), (0.5, 1.0)])
def test_keeping_all_heads_or_alpha_one_gives_exactly_the_baselines_logits(
    model: VisionLanguageModel, memory: Memory, keep: float, alpha: float, score: str
) -> None:
    spin = SpinConfig(keep=keep, alpha=alpha, score="logits" if score == "logits" else "mass")
    assert torch.equal(logits(model, memory, spin=spin), logits(model, memory))


def test_suppressing_heads_changes_the_logits(model: VisionLanguageModel, memory: Memory) -> None:
    assert (logits(model, memory, spin=SPIN) - logits(model, memory)).abs().mean() > 0.05


def test_without_suppression_none_of_its_code_runs(
    model: VisionLanguageModel, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = logits(model, memory)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("head suppression ran although it is off")

    monkeypatch.setattr(core.model.attention, "spin_gate", never)
    assert torch.equal(logits(model, memory), expected)
    with pytest.raises(AssertionError):
        logits(model, memory, spin=SPIN)


def test_toggling_suppression_leaves_no_state_behind(model: VisionLanguageModel, memory: Memory) -> None:
    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    attributes = {name: set(vars(module)) for name, module in model.named_modules()}
    off, on = logits(model, memory), logits(model, memory, spin=SPIN)
    assert torch.equal(logits(model, memory), off)
    assert torch.equal(logits(model, memory, spin=SPIN), on)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in model.state_dict().items())
    assert {name: set(vars(module)) for name, module in model.named_modules()} == attributes


@EITHER
def test_cached_decoding_equals_uncached_decoding(
    model: VisionLanguageModel, memory: Memory, spin: SpinConfig | None
) -> None:
    cache = model.new_cache(rows=3)
    whole = recorded(model, memory, spin=spin)
    with torch.inference_mode():
        for index in range(ANSWERS.shape[-1]):
            step = model.decode(ANSWERS[..., index : index + 1], memory, cache=cache, heads=heads(model, spin, record=True))
            torch.testing.assert_close(step.hidden[:, :, 0], whole.hidden[:, :, index])
            for one, all_of_them in zip(step.heads, whole.heads, strict=True):
                assert torch.equal(one.gate[:, :, 0], all_of_them.gate[:, :, index])
                torch.testing.assert_close(one.image_mass[:, :, 0], all_of_them.image_mass[:, :, index])


@EITHER
def test_a_cache_can_be_filled_with_several_tokens_at_once(
    model: VisionLanguageModel, memory: Memory, spin: SpinConfig | None
) -> None:
    cache = model.new_cache(rows=3)
    with torch.inference_mode():
        model.decode(ANSWERS[..., :4], memory, cache=cache, heads=heads(model, spin))
        rest = model.logits(model.decode(ANSWERS[..., 4:], memory, cache=cache, heads=heads(model, spin)).hidden)
    torch.testing.assert_close(rest, logits(model, memory, spin=spin)[:, :, 4:])


@EITHER
def test_a_batch_gives_each_photo_the_logits_that_it_has_alone(
    model: VisionLanguageModel, memory: Memory, features: Tensor, spin: SpinConfig | None
) -> None:
    together = logits(model, memory, spin=spin)
    for row, question in enumerate(QUESTIONS):
        alone_memory = prepare_memory(model, features[row : row + 1], [question], pad_id=0)
        with torch.inference_mode():
            alone = model.logits(model.decode(ANSWERS[row : row + 1], alone_memory, heads=heads(model, spin)).hidden)
        torch.testing.assert_close(together[row : row + 1], alone)


@EITHER
def test_several_questions_about_a_photo_give_the_logits_that_each_has_alone(
    model: VisionLanguageModel, features: Tensor, spin: SpinConfig | None
) -> None:
    group = [question for (question,) in QUESTIONS]
    shared = prepare_memory(model, features[:1], [group], pad_id=0)
    answers = ANSWERS.transpose(0, 1)  # [1, 3, T]
    with torch.inference_mode():
        together = model.logits(model.decode(answers, shared, heads=heads(model, spin)).hidden)
        for index, question in enumerate(group):
            alone = prepare_memory(model, features[:1], [[question]], pad_id=0)
            expected = model.logits(model.decode(answers[:, index : index + 1], alone, heads=heads(model, spin)).hidden)
            torch.testing.assert_close(together[:, index : index + 1], expected)


def test_two_different_photos_in_a_batch_get_two_different_masks(
    model: VisionLanguageModel, features: Tensor
) -> None:
    memory = prepare_memory(model, features[:2], [[[5, 6, 7]], [[5, 6, 7]]], pad_id=0)
    with torch.inference_mode():
        output = model.decode(ANSWERS[:1].expand(2, -1, -1), memory, heads=heads(model, SPIN, record=True))
    masks = torch.stack([record.gate for record in output.heads])  # [L, B, G, T, H]
    assert not torch.equal(masks[:, 0], masks[:, 1])
    assert torch.equal((masks == 1).sum(-1), torch.full(masks.shape[:-1], 2))


def test_later_layers_see_the_change_and_earlier_ones_do_not(model: VisionLanguageModel, memory: Memory) -> None:
    baseline = recorded(model, memory)
    middle = recorded(model, memory, spin=SpinConfig(keep=1, first_layer=1, last_layer=2))
    same = [torch.equal(off.image_mass, on.image_mass) for off, on in zip(baseline.heads, middle.heads, strict=True)]
    assert same == [True, True, False]


def test_heads_are_suppressed_in_the_layers_of_the_half_open_range_only(
    model: VisionLanguageModel, memory: Memory
) -> None:
    output = recorded(model, memory, spin=SpinConfig(keep=1, first_layer=1, last_layer=2))
    assert [bool((record.gate == 1).all()) for record in output.heads] == [True, False, True]
    nowhere = logits(model, memory, spin=SpinConfig(keep=1, first_layer=1, last_layer=1))
    assert torch.equal(nowhere, logits(model, memory))


def test_an_earlier_tokens_mask_does_not_depend_on_later_tokens(model: VisionLanguageModel, memory: Memory) -> None:
    whole = recorded(model, memory, spin=SPIN)
    with torch.inference_mode():
        beginning = model.decode(ANSWERS[..., :3], memory, heads=heads(model, SPIN, record=True))
    for short, long in zip(beginning.heads, whole.heads, strict=True):
        assert torch.equal(short.gate, long.gate[:, :, :3])
    torch.testing.assert_close(beginning.hidden, whole.hidden[:, :, :3])


def test_the_fused_path_agrees_with_the_explicit_one(model: VisionLanguageModel, memory: Memory) -> None:
    with torch.inference_mode():
        fused = model.logits(model.decode(ANSWERS, memory, heads=LayerHeads(fused=True)).hidden)
    torch.testing.assert_close(fused, logits(model, memory), atol=2e-5, rtol=2e-5)


def test_junk_behind_a_questions_padding_has_no_influence(model: VisionLanguageModel, features: Tensor) -> None:
    ids, padding = torch.tensor([[[5, 6, 7, 0, 0]]]), torch.tensor([[[False] * 3 + [True] * 2]])
    junk = torch.tensor([[[5, 6, 7, 22, 35]]])
    with torch.inference_mode():
        clean, dirty = (model.keys_values(model.memory(features[:1], q, padding)) for q in (ids, junk))
        outputs = [model.decode(ANSWERS[:1], memory, heads=heads(model, SPIN)).hidden for memory in (clean, dirty)]
    assert torch.equal(outputs[0], outputs[1])


def test_a_full_cache_refuses_more_tokens(model: VisionLanguageModel, memory: Memory) -> None:
    cache = model.new_cache(rows=3, capacity=2)
    with torch.inference_mode(), pytest.raises(IndexError, match="holds 2 tokens"):
        model.decode(ANSWERS[..., :3], memory, cache=cache)
