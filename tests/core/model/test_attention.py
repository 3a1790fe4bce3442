"""The decoder's attention: fused and explicit paths, and what suppression does to a head's output."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from core.config import SpinConfig
from core.model.attention import CrossAttention, MemoryKeysValues, SelfAttention
from core.model.head_settings import LayerHeads

HEADS, WIDTH, IMAGE_TOKENS, QUESTION_TOKENS = 4, 32, 5, 6
HALF = SpinConfig(keep=2, alpha=0.25)


def seeded(*shape: int, seed: int) -> Tensor:
    generator = torch.Generator()
    generator.manual_seed(seed)
    return torch.randn(*shape, generator=generator)


@pytest.fixture
def attention() -> CrossAttention:
    """Its output projection is the identity, so that its output is the heads' outputs side by side."""
    module = CrossAttention(WIDTH, HEADS).requires_grad_(False)
    module.query.weight.copy_(seeded(WIDTH, WIDTH, seed=0) * 0.4)
    module.key_value.weight.copy_(seeded(2 * WIDTH, WIDTH, seed=1) * 0.4)
    module.output.weight.copy_(torch.eye(WIDTH))
    for bias in (module.query.bias, module.key_value.bias, module.output.bias):
        bias.zero_()
    return module


@pytest.fixture
def x() -> Tensor:
    """Two photos, three sequences each, four queries."""
    return seeded(2, 3, 4, WIDTH, seed=2)


@pytest.fixture
def memory(attention: CrossAttention) -> MemoryKeysValues:
    padding = torch.zeros(2, 3, QUESTION_TOKENS, dtype=torch.bool)
    padding[0, 1, 2:] = padding[1, 2, 4:] = True
    text = seeded(2, 3, QUESTION_TOKENS, WIDTH, seed=4)
    return attention.keys_values(seeded(2, IMAGE_TOKENS, WIDTH, seed=3), text, padding)


def by_head(output: Tensor) -> Tensor:
    return output.unflatten(-1, (HEADS, -1))  # [B, G, T, H, E]


def test_suppressed_heads_contribute_exactly_alpha_times_their_baseline_output(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    baseline, _ = attention(x, memory)
    suppressed, records = attention(x, memory, LayerHeads(HALF, record=True))
    assert records is not None
    gate = records.gate[..., None]  # [B, G, T, H, 1]
    assert torch.equal(by_head(suppressed), by_head(baseline) * gate)
    assert torch.equal((gate == 0.25).sum(dim=-2).flatten(), torch.full((24,), 2))


def test_the_recorded_mask_is_the_one_that_was_applied(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    baseline, _ = attention(x, memory)
    suppressed, records = attention(x, memory, LayerHeads(HALF, record=True))
    assert records is not None
    unchanged = (by_head(suppressed) == by_head(baseline)).all(-1)  # [B, G, T, H]
    assert torch.equal(unchanged, records.gate == 1)


def test_the_heads_kept_are_those_with_the_highest_recorded_image_mass(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    _, records = attention(x, memory, LayerHeads(HALF, record=True))
    assert records is not None
    kept = records.image_mass.masked_fill(records.gate != 1, 2).amin(-1)
    left_out = records.image_mass.masked_fill(records.gate == 1, -1).amax(-1)
    assert (kept >= left_out).all()


def test_two_different_photos_in_a_batch_get_two_different_masks(attention: CrossAttention, x: Tensor) -> None:
    same_question = seeded(1, 3, QUESTION_TOKENS, WIDTH, seed=4).expand(2, -1, -1, -1)
    padding = torch.zeros(2, 3, QUESTION_TOKENS, dtype=torch.bool)
    memory = attention.keys_values(seeded(2, IMAGE_TOKENS, WIDTH, seed=3), same_question, padding)
    _, records = attention(x[:1].expand(2, -1, -1, -1), memory, LayerHeads(HALF, record=True))
    assert records is not None
    differing = (records.gate[0] != records.gate[1]).any(-1)  # [G, T]
    assert differing.float().mean() > 0.3
    for photo in range(2):
        alone = MemoryKeysValues(*(part[photo : photo + 1] for part in vars(memory).values()))
        _, expected = attention(x[:1], alone, LayerHeads(HALF, record=True))
        assert expected is not None
        assert torch.equal(records.gate[photo : photo + 1], expected.gate)


def test_recording_changes_nothing(attention: CrossAttention, x: Tensor, memory: MemoryKeysValues) -> None:
    for spin in (None, HALF):
        silent, nothing = attention(x, memory, LayerHeads(spin))
        recorded, records = attention(x, memory, LayerHeads(spin, record=True))
        assert torch.equal(silent, recorded)
        assert nothing is None
        assert records is not None


def test_without_suppression_every_recorded_gate_is_one(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    _, records = attention(x, memory, LayerHeads(record=True))
    assert records is not None
    assert (records.gate == 1).all()


def test_the_recorded_attention_on_image_tokens_sums_to_the_image_mass(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    _, records = attention(x, memory, LayerHeads(record=True))
    assert records is not None
    assert records.image_attention.shape == (2, HEADS, 3, 4, IMAGE_TOKENS)
    torch.testing.assert_close(records.image_attention.sum(-1).movedim(1, -1), records.image_mass)
    assert ((records.image_mass > 0) & (records.image_mass < 1)).all()


def test_a_head_switched_off_by_hand_contributes_nothing_on_top_of_suppression(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    factor = torch.tensor([1.0, 0.0, 1.0, 1.0])
    spin, _ = attention(x, memory, LayerHeads(HALF))
    both, records = attention(x, memory, LayerHeads(HALF, factor=factor[None], record=True))
    assert records is not None
    assert torch.equal(by_head(both), by_head(spin) * factor[:, None])
    assert (records.gate[..., 1] == 0).all()


def test_explicit_and_fused_cross_attention_agree(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    explicit, _ = attention(x, memory)
    fused, _ = attention(x, memory, LayerHeads(fused=True))
    torch.testing.assert_close(explicit, fused)


def test_suppression_and_records_are_never_lost_on_the_fused_path(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    explicit, _ = attention(x, memory, LayerHeads(HALF))
    fused, records = attention(x, memory, LayerHeads(HALF, record=True, fused=True))
    assert torch.equal(explicit, fused)
    assert records is not None


@pytest.mark.parametrize("fused", [False, True])
def test_padding_in_the_question_has_no_influence(attention: CrossAttention, x: Tensor, fused: bool) -> None:
    image, text = seeded(2, IMAGE_TOKENS, WIDTH, seed=3), seeded(2, 3, QUESTION_TOKENS, WIDTH, seed=4)
    padding = torch.zeros(2, 3, QUESTION_TOKENS, dtype=torch.bool)
    padding[..., 4:] = True
    padded, _ = attention(x, attention.keys_values(image, text, padding), LayerHeads(fused=fused))
    junk = text.clone()
    junk[..., 4:, :] = 50.0
    other, _ = attention(x, attention.keys_values(image, junk, padding), LayerHeads(fused=fused))
    short, _ = attention(x, attention.keys_values(image, text[..., :4, :], padding[..., :4]), LayerHeads(fused=fused))
    assert torch.equal(padded, other)
    torch.testing.assert_close(padded, short)


@pytest.mark.parametrize("score", ["mass", "logits"])
def test_padding_in_the_question_has_no_influence_on_which_heads_are_kept(
    attention: CrossAttention, x: Tensor, score: str
) -> None:
    spin = SpinConfig(keep=2, score="logits" if score == "logits" else "mass")
    image, text = seeded(2, IMAGE_TOKENS, WIDTH, seed=3), seeded(2, 3, QUESTION_TOKENS, WIDTH, seed=4) * 3
    padding = torch.zeros(2, 3, QUESTION_TOKENS, dtype=torch.bool)
    padding[..., 2:] = True
    _, padded = attention(x, attention.keys_values(image, text, padding), LayerHeads(spin, record=True))
    _, short = attention(x, attention.keys_values(image, text[..., :2, :], padding[..., :2]), LayerHeads(spin, record=True))
    _, unmasked = attention(x, attention.keys_values(image, text, padding & False), LayerHeads(spin, record=True))
    assert padded is not None
    assert short is not None
    assert unmasked is not None
    assert torch.equal(padded.gate, short.gate)
    assert score == "logits" or not torch.equal(padded.gate, unmasked.gate)


def test_a_question_that_is_all_padding_leaves_all_attention_on_the_image(attention: CrossAttention, x: Tensor) -> None:
    image, text = seeded(2, IMAGE_TOKENS, WIDTH, seed=3), seeded(2, 3, QUESTION_TOKENS, WIDTH, seed=4)
    memory = attention.keys_values(image, text, torch.ones(2, 3, QUESTION_TOKENS, dtype=torch.bool))
    output, records = attention(x, memory, LayerHeads(record=True))
    assert records is not None
    assert output.isfinite().all()
    torch.testing.assert_close(records.image_mass, torch.ones_like(records.image_mass))


def test_the_photos_part_can_be_taken_over_for_other_questions(
    attention: CrossAttention, x: Tensor, memory: MemoryKeysValues
) -> None:
    text, padding = seeded(2, 3, 2, WIDTH, seed=9), torch.zeros(2, 3, 2, dtype=torch.bool)
    image = seeded(2, IMAGE_TOKENS, WIDTH, seed=3)
    taken_over = attention.keys_values(image, text, padding, same_image=memory)
    computed = attention.keys_values(image, text, padding)
    assert taken_over.image_keys is memory.image_keys
    assert torch.equal(attention(x, taken_over)[0], attention(x, computed)[0])


def test_explicit_and_fused_self_attention_agree_and_look_back_only(x: Tensor) -> None:
    module = SelfAttention(WIDTH, HEADS).requires_grad_(False)
    explicit = module(x, cache=None, layer=0, fused=False)
    torch.testing.assert_close(explicit, module(x, cache=None, layer=0, fused=True))
    changed = x.clone()
    changed[:, :, -1] += 1
    assert torch.equal(explicit[:, :, :-1], module(changed, cache=None, layer=0, fused=False)[:, :, :-1])
