"""One run of the decoder, token by token: model, memory and cache of a fixed set of sequences.

Shapes: B photos, G sequences (questions or beams) per photo, R = B*G sequences, L layers, H heads, I image tokens,
Q question tokens, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from core.answers import FloatArray, HeadIndex
from core.config import ModelConfig, SpinConfig
from core.errors import ConfigError
from core.model.attention import HeadRecord, MemoryKeysValues
from core.model.head_suppression import random_gates
from core.model.interventions import ImageAmplification, ImageContrast, Intervention, RandomHeads, validate_intervention
from core.model.vlm import VisionLanguageModel


@dataclass(frozen=True)
class HeadSettings:
    """What is done to the answer while it is generated, the same for every token of a run."""

    intervention: Intervention | None = None
    ablated: Collection[HeadIndex] = frozenset()
    """Cross-attention heads that are switched off by hand, on top of it."""

    @property
    def contrast(self) -> ImageContrast | None:
        """The contrast with a distorted photo, where there is one to be made."""
        applied = self.intervention
        return applied if isinstance(applied, ImageContrast) and applied.strength > 0 else None

    def factor(self, config: ModelConfig, *, device: torch.device) -> Tensor | None:
        """What is known of the heads' factors before anything is decoded: [L, P, H] at each of P places in the answer.

        0 at the ablated heads, random heads as they were drawn; None where all are 1.
        """
        factor = None
        if isinstance(self.intervention, RandomHeads):
            factor = random_gates(self.intervention, config).to(device)
        if self.ablated:
            ablation = torch.ones(config.layers, 1, config.heads, device=device)
            for layer, head in self.ablated:
                ablation[layer, :, head] = 0.0
            factor = ablation.expand(-1, config.max_answer_tokens, -1) if factor is None else factor * ablation
        return factor


def validate_spin(config: ModelConfig, spin: SpinConfig | None) -> None:
    """See validate_intervention."""
    validate_intervention(config, spin)


def validate_ablation(config: ModelConfig, ablated: Collection[HeadIndex]) -> None:
    """Raises ConfigError where a head to switch off doesn't exist."""
    for layer, head in sorted(ablated):
        if not (0 <= layer < config.layers and 0 <= head < config.heads):
            raise ConfigError(
                f"there is no head {head} in layer {layer}: the model has layers 0 to {config.layers - 1} "
                f"with heads 0 to {config.heads - 1}"
            )


@dataclass(frozen=True)
class HeadTrace:
    """What each cross-attention head did for one query of each of R sequences."""

    packed: FloatArray
    """[R, L, H, I + 2]: attention on each image token, image mass, gate. One array, so that one copy leaves torch."""

    def row(self, row: int) -> HeadTrace:
        """One sequence's part, without the leading R; holds on to no other's memory."""
        return HeadTrace(self.packed[row].copy())

    @property
    def image_attention(self) -> FloatArray:
        """[..., L, H, I]"""
        return self.packed[..., :-2]

    @property
    def image_mass(self) -> FloatArray:
        """[..., L, H]"""
        return self.packed[..., -2]

    @property
    def gate(self) -> FloatArray:
        """[..., L, H]"""
        return self.packed[..., -1]


def pack_heads(records: Sequence[HeadRecord]) -> HeadTrace:
    """The layers' records of a single query per sequence (T = 1) as one NumPy array."""
    attention = torch.stack([record.image_attention for record in records])[..., 0, :]  # [L, B, H, G, I]
    mass = torch.stack([record.image_mass for record in records])[:, :, :, 0]  # [L, B, G, H]
    gate = torch.stack([record.gate for record in records])[:, :, :, 0]  # [L, B, G, H]
    parts = [attention.permute(1, 3, 0, 2, 4), *(part.permute(1, 2, 0, 3).unsqueeze(-1) for part in (mass, gate))]
    packed = torch.cat(parts, dim=-1)  # [B, G, L, H, I + 2]
    return HeadTrace(packed.flatten(0, 1).cpu().numpy())


@dataclass(frozen=True)
class ChosenToken:
    """One token of an answer, the end token included."""

    token_id: int
    log_probability: float
    """Under the model, before filters, penalties and temperature."""
    heads: HeadTrace | None
    """What the heads did for the query that predicted this token; None where nobody asked."""


@dataclass(frozen=True)
class StepOutput:
    """What the decoder says about the next token of each sequence."""

    logits: Tensor
    """float32 [R, V], before filters and penalties."""
    heads: HeadTrace | None
    """Where it was asked for."""


class TokenRun(Protocol):
    """What a search steps through: one run of the decoder, or several that act as one. See DecodingRun."""

    def step(self, tokens: Tensor) -> StepOutput: ...

    def reorder(self, rows: Tensor) -> None: ...

    def drop_finished(self, order: list[int], under_way: Collection[int], *, sequences: int) -> list[int]: ...


class DecodingRun:
    """Feeds one token per sequence to the decoder and keeps its cache. Call it under torch.inference_mode()."""

    def __init__(
        self,
        model: VisionLanguageModel,
        memory: Sequence[MemoryKeysValues],
        *,
        photos: int,
        groups: int,
        capacity: int,
        heads: HeadSettings,
        record: bool,
    ) -> None:
        """memory: of B = photos, with text of G = groups sequences, or of 1 that all groups share."""
        self._model = model
        self._memory = tuple(memory)
        self._groups = groups
        applied = heads.intervention
        self._spin = applied if isinstance(applied, SpinConfig) else None
        self._amplification = applied if isinstance(applied, ImageAmplification) else None
        self._head_factor = heads.factor(model.config, device=model.token_embedding.weight.device)
        self._record = record
        self._cache = model.new_cache(rows=photos * groups, capacity=capacity)

    def step(self, tokens: Tensor) -> StepOutput:
        """tokens: the latest id of each sequence, [R], photo by photo."""
        place = self._cache.length
        output = self._model.decode(
            tokens.view(-1, self._groups, 1), self._memory, cache=self._cache, spin=self._spin,
            amplification=self._amplification, record=self._record,
            head_factor=None if self._head_factor is None else self._head_factor[:, place : place + 1],
        )
        logits = self._model.logits(output.hidden).float().flatten(0, 2)  # [B, G, 1, V] -> [R, V]
        return StepOutput(logits, pack_heads(output.heads) if self._record else None)

    def reorder(self, rows: Tensor) -> None:
        """Go on with the sequences at these indices [R]; each must be one of the same photo and question."""
        self._cache.reorder(rows)

    def drop_finished(self, order: list[int], under_way: Collection[int], *, sequences: int) -> list[int]:
        """Leaves out photos none of whose sequences is under way, once they are half of those decoded.

        order: the sequences that are decoded, in the run's order, `sequences` per photo. Returns those still decoded.
        """
        photos = [order[start : start + sequences] for start in range(0, len(order), sequences)]
        kept = [index for index, photo in enumerate(photos) if any(sequence in under_way for sequence in photo)]
        # Copying the memory of those that go on costs about as much as a step, so it isn't done for each photo alone.
        if len(kept) * 2 > len(photos):
            return order
        self._keep_photos(kept)
        return [sequence for index in kept for sequence in photos[index]]

    def _keep_photos(self, photos: Sequence[int]) -> None:
        """Go on with these photos' sequences only, in this order."""
        device = self._memory[0].image_keys.device
        chosen = torch.tensor(photos, device=device)
        self._memory = tuple(select_photos(memory, chosen) for memory in self._memory)
        within = torch.arange(self._groups, device=device)
        self._cache.reorder((chosen[:, None] * self._groups + within).flatten())


def select_photos(memory: MemoryKeysValues, photos: Tensor) -> MemoryKeysValues:
    """One layer's keys and values of the photos at these indices."""
    return MemoryKeysValues(
        memory.image_keys[photos], memory.image_values[photos], memory.text_keys[photos], memory.text_values[photos],
        memory.text_padding[photos],
    )


def repeat_questions(memory: MemoryKeysValues, *, beams: int) -> MemoryKeysValues:
    """Each question of [B, H, G, Q, E] for this many beams: [B, H, G*beams, Q, E]. The photos' part is shared."""
    if memory.text_keys.shape[2] == 1:
        return memory  # a single question broadcasts over its beams
    return replace(
        memory,
        text_keys=memory.text_keys.repeat_interleave(beams, dim=2),
        text_values=memory.text_values.repeat_interleave(beams, dim=2),
        text_padding=memory.text_padding.repeat_interleave(beams, dim=2),
    )
