from __future__ import annotations

import pytest
import torch

from core.config import ModelConfig
from core.model.head_settings import LayerHeads
from core.model.vlm import VisionLanguageModel
from training.batches.dataset import NO_REGION, Batch, PairDataset, PhotoPairs, TokenPair
from training.loop.answer_loss import AnswerLoss
from training.loop.attention_loss import attention_loss, drawn_layers

SIZES = ModelConfig(vocabulary_size=40, image_size=64, width=32, layers=4, heads=4, feed_forward_width=64, dropout=0.0)
SIDE = 4


def batch(*, regions: tuple[int, ...] = (0, NO_REGION, 1)) -> Batch:
    pairs = [PhotoPairs((TokenPair([5, 6 + p], [9 + p, 10, 4], regions),), ()) for p in range(2)]
    return PairDataset(
        pairs, pad_id=0, start_id=3, captions_per_photo=1, derived_per_photo=0, seed=0
    ).batch([0, 1], epoch=0)


@pytest.fixture
def model() -> VisionLanguageModel:
    torch.manual_seed(0)
    return VisionLanguageModel(SIZES).eval()


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(2, SIZES.image_tokens, SIZES.encoder_width)


@pytest.fixture
def masks() -> torch.Tensor:
    """Region 0 is the left upper quarter, region 1 the lower half."""
    masks = torch.zeros(2, 2, SIDE, SIDE)
    masks[:, 0, :2, :2] = 1
    masks[:, 1, 2:] = 1
    return masks


def looking(model: VisionLanguageModel, features: torch.Tensor, group_batch: Batch) -> list[torch.Tensor]:
    group = group_batch.groups[0]
    memory = model.memory(features, group.question, group.question_padding)
    decoded = model.decode(group.inputs, model.keys_values(memory), heads=LayerHeads(record=True))
    return [record.image_attention for record in decoded.heads]


def test_the_gradient_draws_the_chosen_heads_into_the_box(
    model: VisionLanguageModel, features: torch.Tensor, masks: torch.Tensor
) -> None:
    def inside(layer: int, heads: slice) -> float:
        attention = looking(model, features, data)[layer][:, heads, 0, 0, 1:]  # the first token tells of region 0
        return ((attention * masks[:, None, 0].flatten(2)).sum(-1) / attention.sum(-1)).mean().item()

    data = batch()
    loss = AnswerLoss(model, label_smoothing=0.0, fused=False, attention_weight=20.0)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    assert inside(1, slice(0, 2)) == pytest.approx(0.25, abs=0.1)
    for _ in range(30):
        optimizer.zero_grad()
        loss(features, data, regions=masks).backward()
        optimizer.step()
    for layer in drawn_layers(SIZES.layers):
        assert inside(layer, slice(0, 2)) > 0.9
    assert inside(3, slice(2, 4)) < 0.6


def test_heads_that_look_into_the_box_alone_cost_nothing(model: VisionLanguageModel, features: torch.Tensor) -> None:
    data, whole = batch(), torch.ones(2, 2, SIDE, SIDE)
    plain, drawn = (AnswerLoss(model, label_smoothing=0.1, fused=False, attention_weight=w) for w in (0.0, 1.0))
    torch.testing.assert_close(plain(features, data, regions=whole), drawn(features, data, regions=whole))
    whole[:, 0] = 0  # a region that was cut away doesn't count
    torch.testing.assert_close(plain(features, data, regions=whole), drawn(features, data, regions=whole))


def test_without_weight_or_regions_nothing_changes(
    model: VisionLanguageModel, features: torch.Tensor, masks: torch.Tensor
) -> None:
    plain, drawn = (AnswerLoss(model, label_smoothing=0.1, fused=False, attention_weight=w) for w in (0.0, 1.0))
    expected = plain(features, batch(regions=()))
    assert torch.equal(plain(features, batch(), regions=masks), expected)
    assert torch.equal(drawn(features, batch(regions=()), regions=masks), expected)
    assert torch.equal(drawn(features, batch(), regions=None), expected)
    assert drawn(features, batch(), regions=masks) > expected + 1


def test_hidden_photos_draw_no_head(model: VisionLanguageModel, features: torch.Tensor, masks: torch.Tensor) -> None:
    group = batch().groups[0]
    memory = model.memory(features, group.question, group.question_padding)
    heads = model.decode(group.inputs, model.keys_values(memory), heads=LayerHeads(record=True)).heads
    assert group.regions is not None
    both = attention_loss(heads, group.regions, masks)
    first = attention_loss(heads, group.regions, masks, hidden_images=torch.tensor([False, True]))
    second = attention_loss(heads, group.regions, masks, hidden_images=torch.tensor([True, False]))
    torch.testing.assert_close(first + second, both)
    assert attention_loss(heads, group.regions, masks, hidden_images=torch.tensor([True, True])) == 0
