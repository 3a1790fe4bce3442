"""What the heads did for one token, as NumPy arrays: what leaves torch.

Shapes: L layers, H heads, C cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.answers import FloatArray, HalfArray
from core.pretrained.decoding.attention import SpinStep


@dataclass(frozen=True)
class StepHeads:
    """What the heads did for the query that predicted one token."""

    mass: FloatArray
    """[L, H]"""
    gate: FloatArray
    """[L, H]"""
    cells: HalfArray
    """[L, C] averaged over each layer's kept heads"""


@dataclass(frozen=True)
class ChosenToken:
    """One token of an answer, the end token included."""

    token_id: int
    log_probability: float
    """Under the model, before filters, penalties and temperature."""
    heads: StepHeads


def pack_heads(step: SpinStep, cell_tokens: Tensor) -> StepHeads:
    """The layers' records of one query as NumPy arrays."""
    records = [record for _, record in sorted(step.records.items())]
    mass, gate = (torch.stack(part).cpu().numpy() for part in zip(*((r.mass, r.gate) for r in records), strict=True))
    cells = torch.stack([record.cell_attention for record in records])[:, cell_tokens]
    return StepHeads(mass.astype(np.float32), gate.astype(np.float32), cells.to(torch.float16).cpu().numpy())
