"""Optimiser groups, learning-rate schedule and averaged weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from core.model.timm_import import import_timm
from core.model.vlm import VisionLanguageModel
from training.loop.muon import Muon, OptimizerPair
from training.run.training_config import StageConfig

Optimizer = torch.optim.Optimizer | OptimizerPair

NOT_DECAYED = ("position", "embedding", "segment")
"""Parts of the names of the decoder's matrices that aren't decayed."""
FUSED = {".query_key_value.weight": 3, ".key_value.weight": 2}
"""Ends of the names of weights that hold several matrices, and how many."""


def build_optimizer(model: VisionLanguageModel, stage: StageConfig, *, weight_decay: float) -> Optimizer:
    """AdamW over what learns in the stage, or Muon for the matrices of the decoder's layers and AdamW for all else; each
    group carries its own peak rate.

    Biases, norms, embeddings, positions and the class token aren't decayed. Encoder blocks learn slower the deeper they lie
    (layer decay; Clark et al. 2020, arXiv 2003.10555).
    """
    import_timm()
    from timm.optim import param_groups_layer_decay

    vit = model.encoder.vit
    groups: list[dict[str, Any]] = [
        {"params": group["params"], "peak_rate": stage.encoder_rate * group["lr_scale"], "weight_decay": group["weight_decay"]}
        for group in param_groups_layer_decay(
            vit, weight_decay, no_weight_decay_list=_undecayed(vit), layer_decay=stage.layer_decay
        )
    ]
    others = {name: parameter for name, parameter in model.named_parameters() if not name.startswith("encoder.")}
    matrices = _layers_matrices(others) if stage.muon_rate else []
    plain = {name for name, parameter in others.items() if parameter.ndim < 2 or any(part in name for part in NOT_DECAYED)}
    groups += [
        {"params": [others[name] for name in others if (name in plain) is undecayed and name not in matrices],
         "peak_rate": stage.decoder_rate, "weight_decay": 0.0 if undecayed else weight_decay}
        for undecayed in (False, True)
    ]
    adamw = torch.optim.AdamW([{**group, "lr": group["peak_rate"]} for group in groups], betas=(0.9, 0.98), fused=True)
    if not matrices:
        return adamw
    fused = {number: parts for number, name in enumerate(matrices) for end, parts in FUSED.items() if name.endswith(end)}
    muon = Muon([others[name] for name in matrices], lr=stage.muon_rate, weight_decay=weight_decay, fused=fused)
    for group in muon.param_groups:
        group["peak_rate"] = stage.muon_rate
    return OptimizerPair(adamw, muon)


def _layers_matrices(parameters: Mapping[str, nn.Parameter]) -> list[str]:
    """Names of the weights of the linear layers in the decoder's layers."""
    return [name for name, parameter in parameters.items() if ".layers." in name and parameter.ndim == 2]


def _undecayed(backbone: Any) -> set[str]:
    """Names of the parameters that a backbone's authors don't decay, where they say so."""
    return backbone.no_weight_decay() if hasattr(backbone, "no_weight_decay") else set()


def rate_factor(step: int, *, steps: int, stage: StageConfig) -> float:
    """Part of the peak rate at a step: linear warm-up, then a cosine down to the final part."""
    warm_up = max(1, int(steps * stage.warmup_fraction))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    low = stage.final_rate_fraction
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def set_rates(optimizer: Optimizer, factor: float) -> None:
    """Set each group's rate to `factor` of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_rate"] * factor


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, *, decay: float, step: int) -> None:
    """Move the averaged weights towards the model's; in the first steps faster, so that the start is forgotten."""
    weight = 1 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), weight)  # pyright: ignore
