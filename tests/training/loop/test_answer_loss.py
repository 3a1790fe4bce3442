from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from core.config import ModelConfig
from core.model.vlm import VisionLanguageModel
from training.batches.dataset import Batch, PairDataset, PhotoPairs, TokenPair
from training.loop.answer_loss import AnswerLoss, smoothed_cross_entropy

SIZES = ModelConfig(vocabulary_size=40, image_size=32, width=32, layers=2, heads=4, feed_forward_width=64, dropout=0.0)


@pytest.fixture(scope="module")
def model() -> VisionLanguageModel:
    torch.manual_seed(0)
    return VisionLanguageModel(SIZES).eval()


def batch(*, captions: int, derived: int) -> Batch:
    pairs = [
        PhotoPairs(
            tuple(TokenPair([5, 6 + p], [9 + p, 10, 11 + c, 4]) for c in range(captions)),
            tuple(TokenPair([7, 8, 9], [12 + d, 4]) for d in range(derived)),
        )
        for p in range(2)
    ]
    data = PairDataset(pairs, pad_id=0, start_id=3, captions_per_photo=captions, derived_per_photo=derived, seed=0)
    return data.batch([0, 1], epoch=0)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_equals_torchs(smoothing: float) -> None:
    logits, targets = torch.randn(17, 23), torch.randint(23, (17,))
    expected = functional.cross_entropy(logits, targets, reduction="sum", label_smoothing=smoothing)
    torch.testing.assert_close(smoothed_cross_entropy(logits, targets, smoothing), expected)


@pytest.mark.parametrize("fused", [False, True])
def test_a_photo_with_several_pairs_costs_what_each_pair_alone_costs(model: VisionLanguageModel, fused: bool) -> None:
    loss = AnswerLoss(model, label_smoothing=0.1, fused=fused)
    features = torch.randn(2, SIZES.image_tokens, SIZES.encoder_width)
    together = batch(captions=3, derived=2)
    alone = torch.zeros(())
    for group in together.groups:
        for g in range(group.inputs.shape[1]):
            one = type(group)(*(t[:, g : g + 1] for t in (group.question, group.question_padding, group.inputs, group.targets)))
            alone = alone + loss(features, Batch(together.photos, (one,)))
    torch.testing.assert_close(loss(features, together), alone, rtol=1e-5, atol=1e-4)


def test_a_derived_pairs_tokens_count_as_much_as_their_weight_says(model: VisionLanguageModel) -> None:
    loss = AnswerLoss(model, label_smoothing=0.0, fused=False)
    features = torch.randn(2, SIZES.image_tokens, SIZES.encoder_width)
    captions, derived = batch(captions=2, derived=2).groups
    heavy = replace(derived, weight=3.0)
    parts = [loss(features, Batch(torch.arange(2), (group,))) for group in (captions, derived)]
    weighted = Batch(torch.arange(2), (captions, heavy))
    torch.testing.assert_close(loss(features, weighted), parts[0] + 3 * parts[1])
    assert weighted.tokens == captions.tokens + 3 * derived.tokens


def test_pixels_give_the_loss_of_their_features(model: VisionLanguageModel) -> None:
    loss = AnswerLoss(model, label_smoothing=0.0, fused=False)
    pixels = torch.randn(2, 3, 32, 32)
    data = batch(captions=1, derived=1)
    torch.testing.assert_close(loss(pixels, data), loss(model.encode_image(pixels), data))


def test_a_hidden_photo_makes_all_photos_alike(model: VisionLanguageModel) -> None:
    loss = AnswerLoss(model, label_smoothing=0.0, fused=False)
    data = batch(captions=1, derived=0)
    hidden = torch.tensor([True, True])
    one, other = (torch.randn(2, SIZES.image_tokens, SIZES.encoder_width) for _ in range(2))
    assert loss(one, data) != loss(other, data)
    assert loss(one, data, hidden_images=hidden) == loss(other, data, hidden_images=hidden)
