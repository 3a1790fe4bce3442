"""Optimiser groups, learning-rate schedule and averaged weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from core.model.vlm import VisionLanguageModel
from training.run.training_config import StageConfig


def build_optimizer(model: VisionLanguageModel, stage: StageConfig, *, weight_decay: float) -> torch.optim.AdamW:
    """AdamW over what learns in the stage; each group carries its own peak rate.

    Biases, norms, embeddings and positions aren't decayed. Encoder blocks learn slower the deeper they lie (layer decay;
    Clark et al. 2020, arXiv 2003.10555).
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        rate = encoder_rate(name, model, stage) if name.startswith("encoder.") else stage.decoder_rate
        plain = parameter.ndim < 2 or "position" in name or "pos_embed" in name or "embedding" in name or "segment" in name
        groups.setdefault((rate, 0.0 if plain else weight_decay), []).append(parameter)
    settings: list[dict[str, Any]] = [
        {"params": parameters, "lr": rate, "peak_rate": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]
    return torch.optim.AdamW(settings, betas=(0.9, 0.98), fused=True)


def encoder_rate(name: str, model: VisionLanguageModel, stage: StageConfig) -> float:
    """Peak rate of one encoder parameter: the last block's, times layer_decay for each block above its own."""
    depth = len(model.encoder.vit.blocks)
    block = depth - 1 if ".norm." in name else -1  # the patch embedding lies below all blocks
    if ".blocks." in name:
        block = int(name.split(".blocks.")[1].split(".")[0])
    return stage.encoder_rate * stage.layer_decay ** (depth - 1 - block)


def rate_factor(step: int, *, steps: int, stage: StageConfig) -> float:
    """Part of the peak rate at a step: linear warm-up, then a cosine down to the final part."""
    warm_up = max(1, int(steps * stage.warmup_fraction))
    if step < warm_up:
        return (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    low = stage.final_rate_fraction
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def set_rates(optimizer: torch.optim.Optimizer, factor: float) -> None:
    """Set each group's rate to `factor` of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_rate"] * factor


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, *, decay: float, step: int) -> None:
    """Move the averaged weights towards the model's; in the first steps faster, so that the start is forgotten."""
    weight = 1 - min(decay, (1 + step) / (10 + step))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), weight)  # pyright: ignore
