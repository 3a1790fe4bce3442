"""How much of what was learnt a taught model takes over: weights between those of the model before and those after.

Between the two, much of what is new is there long before what was known is lost (WiSE-FT; Wortsman et al. 2022, arXiv
2109.01903).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import torch

from core.model.vlm import VisionLanguageModel

PARTS = (1.0, 0.75, 0.5, 0.25)
"""Of the way from the model before to the one that was taught."""


@torch.no_grad()
def mix(before: VisionLanguageModel, after: VisionLanguageModel, part: float) -> VisionLanguageModel:
    """A new model, so far on the way from the one to the other: 0 is the model before, 1 the one after."""
    model, learnt = copy.deepcopy(before), after.state_dict()
    for name, weight in model.state_dict().items():
        if not torch.equal(weight, learnt[name]):  # the encoder's bits stay as they are: a lerp makes 0.0 of -0.0
            weight.lerp_(learnt[name], part)
    return model


def choose_part(parts: Sequence[float], *, loss_of: Callable[[float], float], forgets: Callable[[float], bool]) -> float:
    """Of the parts that forget nothing, the one with the least loss on new photos; the smallest where all forget.

    Those with less loss are tried first, so that little is asked twice.
    """
    losses = {part: loss_of(part) for part in parts}
    return next((part for part in sorted(parts, key=losses.__getitem__) if not forgets(part)), min(parts))
