from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import nn

from core.config import ModelConfig
from core.model.vlm import VisionLanguageModel
from training.loop.optimization import FUSED, Optimizer, build_optimizer, rate_factor, set_rates, update_average
from training.run.training_config import StageConfig

SIZES = ModelConfig(vocabulary_size=20, image_size=32, width=32, layers=1, heads=4, feed_forward_width=64)
SMALLER = replace(SIZES, encoder_name="test_vit", encoder_width=64)
STAGE = StageConfig(epochs=2, decoder_rate=1e-3, encoder_rate=1e-4, layer_decay=0.5, warmup_fraction=0.1)


@pytest.fixture(scope="module")
def model() -> VisionLanguageModel:
    return VisionLanguageModel(SIZES)


def settings_of(
    model: VisionLanguageModel, *, stage: StageConfig = STAGE, weight_decay: float = 0.1
) -> dict[str, tuple[float, float]]:
    """Peak rate and weight decay of each parameter that is trained, by name."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    optimizer = build_optimizer(model, stage, weight_decay=weight_decay)
    trained = [(names[id(p)], (group["peak_rate"], group["weight_decay"])) for group in optimizer.param_groups
               for p in group["params"]]
    assert len(trained) == len(dict(trained)), "each is in one group only"
    return dict(trained)


def test_encoder_blocks_learn_slower_the_deeper_they_lie(model: VisionLanguageModel) -> None:
    rates = {name: rate for name, (rate, _) in settings_of(model).items()}
    assert [rates[f"encoder.vit.blocks.{block}.attn.qkv.weight"] for block in (11, 10, 0)] == pytest.approx(
        [1e-4, 0.5e-4, 1e-4 * 0.5**11]
    )
    for name in ("patch_embed.proj.weight", "cls_token", "pos_embed"):
        assert rates[f"encoder.vit.{name}"] == pytest.approx(1e-4 * 0.5**12), name
    assert rates["encoder.vit.norm.weight"] == pytest.approx(1e-4)
    assert rates["token_embedding.weight"] == rates["decoder.layers.0.feed_forward.0.weight"] == pytest.approx(1e-3)


def test_every_parameter_is_trained_and_only_matrices_decay(model: VisionLanguageModel) -> None:
    decay = {name: decay for name, (_, decay) in settings_of(model).items()}
    assert set(decay) == {name for name, _ in model.named_parameters()}
    assert set(decay.values()) == {0.0, 0.1}
    decayed = {name for name, value in decay.items() if value}
    assert {"decoder.layers.0.feed_forward.0.weight", "encoder.vit.patch_embed.proj.weight"} <= decayed
    parts = ("norm", "bias", "embedding", "position", "segment", "cls_token", "pos_embed")
    assert not [name for name in decayed if any(part in name for part in parts)]


def test_muon_takes_the_matrices_of_the_layers_and_nothing_else(model: VisionLanguageModel) -> None:
    settings = settings_of(model, stage=replace(STAGE, muon_rate=0.02))
    assert set(settings) == {name for name, _ in model.named_parameters()}
    layers = {name for name, parameter in model.named_parameters() if name.startswith("decoder.layers.") and parameter.ndim == 2}
    assert {name for name, (rate, _) in settings.items() if rate == 0.02} == layers != set()
    assert settings["token_embedding.weight"][0] == pytest.approx(1e-3)


def test_muon_goes_on_from_its_state_to_the_bit() -> None:
    stage = replace(STAGE, muon_rate=0.02)

    def take_steps(model: VisionLanguageModel, optimizer: Optimizer, numbers: range) -> None:
        for number in numbers:
            torch.manual_seed(number)
            for parameter in model.parameters():
                parameter.grad = torch.randn_like(parameter)
            set_rates(optimizer, 0.5)
            optimizer.step()

    torch.manual_seed(0)
    whole = VisionLanguageModel(SMALLER)
    halves = deepcopy(whole)
    take_steps(whole, build_optimizer(whole, stage, weight_decay=0.1), range(4))
    first = build_optimizer(halves, stage, weight_decay=0.1)
    take_steps(halves, first, range(2))
    second = build_optimizer(halves, stage, weight_decay=0.1)
    second.load_state_dict(deepcopy(first.state_dict()))
    take_steps(halves, second, range(2, 4))
    for (name, expected), got in zip(whole.state_dict().items(), halves.state_dict().values(), strict=True):
        assert torch.equal(expected, got), name


@pytest.mark.parametrize("end", FUSED)
def test_each_part_of_a_fused_weight_is_made_orthogonal_by_itself(end: str, model: VisionLanguageModel) -> None:
    """A gradient in the first part only must not move the others."""
    model = deepcopy(model)
    name = next(name for name, _ in model.named_parameters() if name.startswith("decoder.layers.") and name.endswith(end))
    optimizer = build_optimizer(model, replace(STAGE, muon_rate=0.02), weight_decay=0.0)
    weight = model.get_parameter(name)
    before = weight.detach().clone()
    weight.grad = torch.zeros_like(weight)
    part = len(weight) // FUSED[end]
    weight.grad[:part] = torch.randn(part, weight.shape[1])
    optimizer.step()
    moved = (weight - before).detach()
    assert not moved[part:].any()
    singular = torch.linalg.svdvals(moved[:part])
    assert singular.max() / singular.min() < 3, "all directions move alike"


def test_a_frozen_encoder_is_left_out(model: VisionLanguageModel) -> None:
    model.encoder.requires_grad_(False)
    optimizer = build_optimizer(model, StageConfig(epochs=1), weight_decay=0.1)
    trained = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert trained == {id(p) for p in model.decoder_parameters()}
    model.encoder.requires_grad_(True)


def test_the_rate_rises_then_falls_to_its_final_part() -> None:
    factors = [rate_factor(step, steps=100, stage=STAGE) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[9] == pytest.approx(1.0)
    assert all(a >= b for a, b in pairwise(factors[10:]))
    assert factors[-1] == pytest.approx(STAGE.final_rate_fraction, abs=0.01)


def test_rates_scale_each_groups_peak() -> None:
    layer = nn.Linear(2, 2)
    optimizer = torch.optim.AdamW([{"params": [layer.weight], "peak_rate": 1.0}, {"params": [layer.bias], "peak_rate": 0.1}])
    set_rates(optimizer, 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.05]


def test_averaged_weights_follow_slowly() -> None:
    average, model = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.zeros_(average.weight)
    nn.init.ones_(model.weight)
    update_average(average, model, decay=0.9, step=10_000)
    assert average.weight.item() == pytest.approx(0.1)
    update_average(average, model, decay=0.9, step=0)
    assert average.weight.item() > 0.9
