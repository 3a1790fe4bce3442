"""Principal components, words, Muon and the probe: the arithmetic."""

from __future__ import annotations

import pytest
import torch

from training.distillation.principal_components import component_weights, find_components
from training.distillation.probe import average_precision, mean_average_precision
from training.distillation.words import expected_words, frequent_words, word_shares, words_of
from training.loop.muon import Muon, orthogonalised


def test_components_are_white_and_keep_linear_maps() -> None:
    torch.manual_seed(0)
    mixed = torch.randn(5000, 3) @ torch.randn(3, 12) + torch.randn(12)  # three directions out of twelve
    components = find_components(mixed, 3)
    short = components.shorten(mixed.T.reshape(1, 12, 50, 100))
    flat = short.flatten(2)[0].T
    assert torch.allclose(flat.mean(0), torch.zeros(3), atol=1e-3)
    assert torch.allclose(flat.T @ flat / len(flat), torch.eye(3), atol=1e-2)
    weight, bias = torch.randn(4, 12), torch.randn(4)
    of_short = components.on_components(weight, bias)
    assert torch.allclose(flat @ of_short[0].T + of_short[1], mixed @ weight.T + bias, atol=1e-3)
    assert component_weights(components.deviations).mean() == pytest.approx(1)


def test_words_leave_function_words_out() -> None:
    captions = [["A dog runs .", "The dog 's ball"], ["A cat"], []]
    assert words_of(captions[0]) == {"dog", "runs", "ball"}
    assert frequent_words(captions, photos=1) == ("ball", "cat", "dog", "runs")
    assert frequent_words([*captions, ["dog"]], photos=2) == ("dog",)
    assert word_shares(captions, ("cat", "dog", "runs")).tolist() == [[0, 1, 0.5], [1, 0, 0], [0, 0, 0]]


def test_expected_words_follow_the_features() -> None:
    torch.manual_seed(0)
    features = torch.randn(400, 4)
    shares = (features[:, :1] > 0).float()
    weight, bias = expected_words(features, shares)
    foretold = features @ weight.T + bias
    assert foretold[shares > 0].mean() > foretold[shares == 0].mean() + 0.2
    assert weight[0, 0] > 4 * weight[0, 1:].abs().max()


def test_orthogonalised_matrices_are_nearly_so() -> None:
    torch.manual_seed(0)
    for shape in ((3, 16, 48), (3, 48, 16)):
        matrices = orthogonalised(torch.randn(shape))
        assert matrices.shape == shape
        values = torch.linalg.svdvals(matrices)
        assert values.min() > 0.5
        assert values.max() < 1.4


def test_muon_reckons_in_float32_where_bfloat16_may_only_be_imitated() -> None:
    found = orthogonalised(torch.randn(3, 8, 5, generator=torch.Generator().manual_seed(0)))
    assert found.dtype == torch.float32
    assert not torch.equal(found, found.bfloat16().float())


def test_muon_makes_a_linear_layer_fit() -> None:
    torch.manual_seed(0)
    truth, layer = torch.randn(12, 4), torch.nn.Parameter(torch.zeros(12, 4))
    optimizer = Muon([layer], lr=0.3, weight_decay=0.0, fused={0: 3})
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.3 * (1 - step / 200)
        loss = ((layer - truth) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert ((layer - truth) ** 2).mean() < 0.01


def test_average_precision_is_that_of_the_textbook() -> None:
    scores = torch.tensor([[0.9], [0.8], [0.7], [0.6]])
    there = torch.tensor([[1.0], [0.0], [1.0], [0.0]])
    assert average_precision(scores, there).tolist() == pytest.approx([(1 + 2 / 3) / 2])


def test_telling_features_score_higher_than_chance() -> None:
    torch.manual_seed(0)
    captions = [[("dog" if number % 2 else "cat"), ("red" if number % 3 else "blue")] for number in range(120)]
    chance = torch.randn(120, 6)
    revealing = chance.clone()
    revealing[:, 0] = torch.tensor([number % 2 for number in range(120)]) * 4.0
    revealing[:, 1] = torch.tensor([number % 3 == 0 for number in range(120)]) * 4.0
    assert mean_average_precision(revealing, captions) > 0.97
    assert mean_average_precision(chance, captions) < 0.75
